"""What one analysed video came to, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def report_lines(found: dict[str, Any]) -> Iterator[str]:
    """Put a summary (`AnalysisSummary.as_json`) of at least one frame into words."""
    count, risk, trust = found["count"], found["risk"], found["trust"]
    yield (
        f"{found['frames']} frames, {found['stream_s']:.1f} s of video, "
        f"{found['analysed_fps'] or 0:.1f} frames/s"
    )
    yield f"Count: mean {count['mean']:.1f}, peak {count['peak']:.0f}"
    if count["map_share"]:
        seconds = count["seconds_per_method"]
        yield (
            f"Counted by boxes alone {seconds['boxes']:.1f} s, by boxes and density map "
            f"{seconds['blend']:.1f} s, by the map alone {seconds['map']:.1f} s; "
            f"{100 * count['map_share']:.0f} % of the people by the map"
        )
    speed = found["walking_speed_mps"]
    if speed["median"] is not None:
        yield (
            f"Walking speed: median {speed['median']:.2f} m/s "
            f"(nine in ten above {speed['p10']:.2f}, one in ten above {speed['p90']:.2f})"
        )
    places = found["places"]
    yield from (_zone_line(zone) for zone in places["zones"])
    yield from (_line_line(line) for line in places["lines"])
    yield f"Highest level: {risk['peak_level']} (trust {trust['worst']})"
    yield from (f"  {reason}" for reason in trust["reasons"])


def _zone_line(zone: dict[str, Any]) -> str:
    """``Zone "Gate B": mean 3.2, peak 7, 24 visitors; stay median 8.0 s, …``."""
    count, dwell = zone["count"], zone["dwell_s"]
    parts = [
        f'Zone "{zone["name"]}": mean {count["mean"]:.1f}, peak {count["peak"]:.0f}, '
        f"{zone['visitors']} visitors"
    ]
    stays = [
        f"{word} {dwell[name]:.1f} s"
        for name, word in (
            ("median", "median"),
            ("p90", "nine in ten below"),
            ("longest", "longest"),
        )
        if dwell[name] is not None
    ]
    if stays:
        parts.append(f"stay {', '.join(stays)}")
    if zone["longest_queue"] is not None:
        parts.append(f"longest queue {zone['longest_queue']:.0f}")
    if zone["peak_density_per_m2"] is not None:
        parts.append(f"densest {zone['peak_density_per_m2']:.2f} /m²")
    if zone["peak_level"] != "SAFE":
        parts.append(f"highest level {zone['peak_level']}")
    return "; ".join(parts) + _doubt(zone["worst_trust"])


def _line_line(line: dict[str, Any]) -> str:
    """``Line "Door": 12 in, 3 out, balance +9 (trust degraded)``."""
    passed = f"{line['in']} in, {line['out']} out, balance {line['balance']:+d}"
    return f'Line "{line["name"]}": {passed}{_doubt(line["worst_trust"])}'


def _doubt(trust: str) -> str:
    return "" if trust == "ok" else f" (trust {trust})"
