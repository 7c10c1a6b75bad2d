"""How the ``models`` commands say what they found: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from backend.vision.model_compare import Agreement
from backend.vision.model_store import ModelEntry
from backend.vision.model_store.card import QuantisationCard
from backend.vision.model_store.workshop import Comparison

CLASSES_SHOWN = 3


def list_table(entries: Sequence[ModelEntry], users: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the lines of ``models list``.

    Args:
        entries: What there is.
        users: Model name -> names of the cameras that chose it.
    """
    head = ("name", "runtime", "precision", "input", "counts", "MB", "used by")
    rows = [head, *(_row(entry, users.get(entry.name, ())) for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = []
    for number, row in enumerate(rows):
        cells = (
            cell.rjust(width) if column == 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
        entry = entries[number - 1] if number else None
        if entry is not None and entry.problem:
            lines.append(f"    cannot be used: {entry.problem}")
        if entry is not None and entry.remark:
            lines.append(f"    note: {entry.remark}")
    return lines


def comparison_table(found: Comparison) -> list[str]:
    """Return the lines of ``models compare``."""
    names = [f"A  {found.names[0]}", f"B  {found.names[1]}"]
    width = max(len(name) for name in names)
    lines = [f"{'':{width}}  precision  ms/frame  frames/s"]
    for name, precision, speed in zip(names, found.precisions, found.speeds, strict=True):
        lines.append(
            f"{name:{width}}  {precision:<9}  {speed.frame_ms:8.1f}  {speed.frames_per_s:8.2f}"
        )
    faster = found.speeds[1].frames_per_s / max(found.speeds[0].frames_per_s, 1e-9)
    lines.append(f"{'':{width}}  B makes {faster:.2f} times the frames a second of A")
    return [*lines, "", *agreement_lines(found.agreement)]


def agreement_lines(found: Agreement) -> list[str]:
    """Return what is said of an agreement."""
    mean = found.reference_boxes / found.frames if found.frames else 0.0
    return [
        f"Agreement of B with A on {found.frames} pictures (boxes at IoU 0.5; "
        f"A found {found.reference_boxes}, B {found.candidate_boxes}, both {found.matched})",
        f"  precision {found.precision:.3f}   recall {found.recall:.3f}   F1 {found.f1:.3f}",
        f"  count     {found.count_bias:+.2f} on average of {mean:.1f} a picture, "
        f"mean absolute error {found.count_mae:.2f}",
        f"  confidence of people both found {found.confidence_shift:+.3f}",
    ]


def card_lines(card: QuantisationCard) -> list[str]:
    """Return what is said of a quantisation."""
    comparison = Comparison(
        names=(card.made_from, card.model),
        precisions=card.precisions,
        agreement=card.agreement,
        speeds=(card.full_speed, card.quantised_speed),
    )
    return comparison_table(comparison)


def comparison_json(found: Comparison) -> str:
    """Return a comparison for programs."""
    agreement = found.agreement
    told = {
        "reference": found.names[0],
        "candidate": found.names[1],
        "precisions": list(found.precisions),
        "agreement": {
            **asdict(agreement),
            "precision": agreement.precision,
            "recall": agreement.recall,
            "f1": agreement.f1,
        },
        "speed": [asdict(speed) for speed in found.speeds],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _row(entry: ModelEntry, cameras: Sequence[str]) -> tuple[str, ...]:
    size = "free" if entry.input_hw is None else "×".join(str(side) for side in entry.input_hw)
    classes = ", ".join(entry.classes[:CLASSES_SHOWN])
    if len(entry.classes) > CLASSES_SHOWN:
        classes += f" … ({len(entry.classes)})"
    used = [*(("every camera without a choice",) if entry.is_default else ()), *cameras]
    return (
        entry.name,
        entry.runtime,
        (entry.precision or "?") + (" reduced accuracy" if entry.reduced_accuracy else ""),
        size if entry.is_usable or entry.input_hw else "?",
        classes or "?",
        f"{entry.size_bytes / 2**20:.1f}" if entry.size_bytes else "–",
        ", ".join(used) or "–",
    )
