"""The reference scenes: what was measured in each (a table) and how some of them ran (a figure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskLevel
from backend.crowd.pressure_field import GATE_DENSITY_PER_M2
from figures.style import BLUE, GREY, ORANGE, RED, figure_file
from tests.reference.scene_book import Scene, read_scenes
from tests.reference.scene_play import Outcome, play

BEGIN, END = "<!-- table: make figures -->", "<!-- end of table -->"
HEADINGS = (
    "scene",
    "people in the area",
    "peak density, 1/m²",
    "mean speed, m/s",
    "crowd pressure, 1/s²",
    "expected",
    "came out",
    "causes of the worst level",
    "incidents opened",
)
SHOWN = ("critical-brief", "recover", "surge-100-160", "camera-lost-caution")
LEVEL_COLOURS = {RiskLevel.CAUTION: BLUE, RiskLevel.WARNING: ORANGE, RiskLevel.CRITICAL: RED}


def draw(folder: Path, assets: Path) -> None:
    """Play every scene of the book; write the table into the page and draw a few of them."""
    text = (assets / "data" / "scenes.csv").read_text(encoding="utf-8").splitlines()
    scenes = read_scenes(text)
    _write_table(folder.parent / "scenes.md", scenes)
    _draw_runs(folder / "scenes.svg", {scene.id: scene for scene in scenes})


def _write_table(page: Path, scenes: Iterable[Scene]) -> None:
    rows = [HEADINGS, *(_row(scene, play(scene)) for scene in scenes)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    table = "\n".join([lines[0], "|---" * len(HEADINGS) + "|", *lines[1:]])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _row(scene: Scene, outcome: Outcome) -> tuple[str, ...]:
    worst, last = max(outcome.shown), outcome.shown[-1]
    came_out = worst.name if worst is last else f"{worst.name} then {last.name}"
    opened = [
        f"{change.incident.family.value} {change.incident.level.name}"
        for change in outcome.incidents()
    ]
    return (
        scene.id,
        _span(outcome, lambda metrics: metrics.count, "{:.0f}"),
        _span(outcome, lambda metrics: metrics.peak_density_per_m2, "{:.1f}"),
        _span(outcome, lambda metrics: metrics.mean_speed_mps, "{:.2f}"),
        _pressure(outcome),
        scene.expected_level,
        came_out,
        ", ".join(sorted(outcome.causes_at_worst)),
        ", ".join(opened) or "none",
    )


def _span(outcome: Outcome, value: Callable[[CrowdMetrics], float | None], pattern: str) -> str:
    """Lowest to highest value, one number where both read the same; – where it is undefined."""
    known = [found for metrics in outcome.metrics if (found := value(metrics)) is not None]
    if not known:
        return "–"
    low, high = pattern.format(min(known)), pattern.format(max(known))
    return low if low == high else f"{low}–{high}"


def _pressure(outcome: Outcome) -> str:
    """Highest pressure, in brackets where it was found in a place too sparse for it to count."""
    found = [
        (metrics.crowd_pressure_per_s2, metrics.pressure_density_per_m2 or 0.0)
        for metrics in outcome.metrics
        if metrics.crowd_pressure_per_s2 is not None
    ]
    if not found:
        return "–"
    highest, rho = max(found)
    text = f"{highest:.3f}"
    return text if rho >= GATE_DENSITY_PER_M2 else f"({text})"


def _draw_runs(path: Path, scenes: dict[str, Scene]) -> None:
    with figure_file(path, width=7.5, height=4.6) as figure:
        for place, name in enumerate(SHOWN, 1):
            scene, outcome = scenes[name], play(scenes[name])
            axes = figure.add_subplot(2, 2, place)
            shown_s = np.linspace(0, scene.duration_s, len(outcome.shown), endpoint=False)
            seen_s = shown_s[: len(outcome.metrics)]
            peaks = [metrics.peak_density_per_m2 or 0.0 for metrics in outcome.metrics]
            axes.plot(seen_s, peaks, color=GREY, linewidth=1.2)
            levels = np.array([int(level) for level in outcome.shown])
            for level, colour in LEVEL_COLOURS.items():
                axes.fill_between(
                    shown_s,
                    0,
                    8,
                    where=(levels == int(level)).tolist(),
                    color=colour,
                    alpha=0.25,
                    linewidth=0,
                    step="post",
                    label=level.name,
                )
            axes.set(title=name, ylim=(0, 8), xlim=(0, scene.duration_s))
            if place % 2:
                axes.set_ylabel("peak density [1/m²]")
            if place > 2:
                axes.set_xlabel("time [s]")
            if place == 2:
                axes.legend(loc="upper right", fontsize=8)
