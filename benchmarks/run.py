"""``make bench``: run all measurements, print a table, write benchmarks/results/latest.json."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, figure, machine

MODULES = (
    "accuracy_bench",
    "tracking_bench",
    "crowd_bench",
    "places_bench",
    "locations_bench",
    "flow_bench",
    "dense_bench",
    "overlay_bench",
    "stream_bench",
    "pipeline_bench",
    "engine_bench",
    "start_bench",
)
RESULTS = Path(__file__).resolve().parent / "results"


def _measure(name: str) -> list[Figure]:
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        measured: list[Figure] = module.measure()
    except Exception as error:  # noqa: BLE001 - one broken measurement must not hide the others
        return [figure(name, None, "", target=None, note=f"failed: {error}") | {"ok": False}]
    return measured


def table(figures: list[Figure]) -> str:
    """Return the figures as aligned text."""
    rows = [("name", "value", "unit", "target", "ok", "beside it")]
    for entry in figures:
        verdict = {True: "yes", False: "NO", None: ""}[entry["ok"]]
        value = "-" if entry["value"] is None else f"{entry['value']:g}"
        rows.append(
            (
                entry["name"],
                value,
                entry["unit"],
                entry["target"] or "",
                verdict,
                entry.get("note", ""),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]])
        for row in rows
    )


def main() -> int:
    """Run the measurements named on the command line (all by default)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*MODULES, []], help="only these")
    chosen = parser.parse_args().modules or MODULES
    figures: list[Figure] = []
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += _measure(name)
    print(table(figures))
    RESULTS.mkdir(parents=True, exist_ok=True)
    entries = [
        {"name": "machine", "value": machine(), "measured_at": datetime.now(UTC).isoformat()},
        *figures,
    ]
    text = json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
    (RESULTS / "latest.json").write_text(text, encoding="utf-8")
    return 1 if any(entry["ok"] is False for entry in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
