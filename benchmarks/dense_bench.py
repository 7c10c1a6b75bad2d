"""Counting dense crowds: what a density pass costs and how far it errs on validation pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from benchmarks import flow_bench
from benchmarks.child import measured
from benchmarks.figures import Figure, assets_folder, figure

_Judge: TypeAlias = Callable[[Mapping[str, float]], list[Figure]]

CHILD = "dense_child"
LIGHT, BUSY = "dense.light_ms_768x432", "dense.light_ms_768x432_two_at_once"
TILED, FLOW = "dense.tiled_yolo_ratio", "dense.flow_ms"
MCNN = {"a": 110.2, "b": 26.4}
"""MAE of MCNN on the test splits, people (Zhang et al. 2016, table 1)."""

TARGETS = {"a": "<= 90", "b": "<= 11"}
UNITS = {
    LIGHT: "ms",
    BUSY: "ms",
    TILED: "ratio",
    **{
        f"dense.{what}_part_{part}{beside}": unit
        for part in TARGETS
        for what, beside, unit in (
            ("val_mae", "", "people"),
            ("val_mae", "_over_mcnn_published", "ratio"),
            ("interval_coverage", "", "ratio"),
        )
    },
}


def measure() -> list[Figure]:
    """Return all figures; those that need the test material say so without it."""
    return [*_of_material(), flow_figure(flow_bench.measure()[0])]


def _of_material() -> list[Figure]:
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video, no pictures and no weights"
        return [figure(name, None, unit, note=note) for name, unit in UNITS.items()]
    figures: list[Figure] = []
    for what, name, judge in (
        ("speed", "dense.speed", speed_figures),
        ("accuracy", "dense.accuracy", accuracy_figures),
    ):
        figures += _measured(what, name, judge, assets)
    return figures


def _measured(what: str, name: str, judge: _Judge, assets: Path) -> list[Figure]:
    """One child's figures; one that breaks hides no other."""
    try:
        return judge(measured(CHILD, what, assets))
    except (RuntimeError, OSError) as error:
        return [figure(name, None, "", note=f"failed: {error}") | {"ok": False}]


def speed_figures(ms: Mapping[str, float]) -> list[Figure]:
    """Judge what `dense_child.speed` measured."""
    return [
        figure(
            LIGHT,
            round(ms["count"], 1),
            "ms",
            target="<= 60",
            note=(
                f"one 1280×720 picture from resizing to the map, OpenVINO; the network alone "
                f"{ms['network']:.1f} ms"
            ),
        ),
        figure(BUSY, round(ms["busy"], 1), "ms", note="a pass while two cameras count at once"),
        figure(
            TILED,
            round(ms["tiled"] / ms["count"], 2),
            "ratio",
            target=">= 1",
            note=(
                f"YOLO11n INT8 on 4 × 3 tiles {ms['tiled']:.0f} ms, {ms['boxes']:.0f} boxes; the "
                f"density map counts {ms['people']:.0f} in the same pictures"
            ),
        ),
    ]


def accuracy_figures(found: Mapping[str, float]) -> list[Figure]:
    """Judge what `dense_child.accuracy` measured."""
    figures: list[Figure] = []
    for part, target in TARGETS.items():
        mae = found[f"mae_{part}"]
        figures += [
            figure(
                f"dense.val_mae_part_{part}",
                round(mae, 2),
                "people",
                target=target,
                note=(
                    f"{found[f'pictures_{part}']:.0f} pictures never learned from, mean truth "
                    f"{found[f'mean_{part}']:.0f}; RMSE {found[f'rmse_{part}']:.1f}, bias "
                    f"{found[f'bias_{part}']:+.1f}"
                ),
            ),
            figure(
                f"dense.val_mae_part_{part}_over_mcnn_published",
                round(mae / MCNN[part], 3),
                "ratio",
                target="<= 1",
                note=f"MCNN, published: {MCNN[part]} on the test split; ours on validation",
            ),
            figure(
                f"dense.interval_coverage_part_{part}",
                round(found[f"coverage_{part}"], 3),
                "ratio",
                target=">= 0.85",
                note=(
                    f"90 % interval, mean width {found[f'width_{part}']:.0f} people; fitted on "
                    "validation pictures of both parts, these among them"
                ),
            ),
        ]
    return figures


def flow_figure(found: Figure) -> Figure:
    """The optical flow's figure under the name it has where crowds are dense."""
    return {**found, "name": FLOW}


if __name__ == "__main__":
    for row in measure():
        print(row)
