"""What the dense benchmark makes of its measurements; the measuring itself takes a minute."""

from __future__ import annotations

import pytest

from backend.core.frame import Frame
from benchmarks import dense_bench, dense_child
from benchmarks.figures import Figure, figure
from tests.builders import ManualClock, frame

SPEED = {
    "count": 48.2,
    "network": 44.0,
    "tiled": 240.0,
    "busy": 30.0,
    "people": 150.4,
    "boxes": 61.5,
}
ACCURACY = {
    **{f"mae_{part}": mae for part, mae in (("a", 88.0), ("b", 12.0))},
    **dict.fromkeys(("rmse_a", "rmse_b", "bias_a", "bias_b", "width_a", "width_b"), 20.0),
    **{"pictures_a": 45.0, "pictures_b": 60.0, "mean_a": 650.0, "mean_b": 134.0},
    **{"coverage_a": 0.91, "coverage_b": 0.8},
}


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {entry["name"]: entry for entry in figures}


def test_a_pass_is_judged_whole_and_the_detector_in_tiles_beside_it() -> None:
    found = by_name(dense_bench.speed_figures(SPEED))
    assert found["dense.light_ms_768x432"]["value"] == 48.2
    assert found["dense.light_ms_768x432"]["ok"] is True
    assert "the network alone 44.0 ms" in found["dense.light_ms_768x432"]["note"]
    assert found["dense.tiled_yolo_ratio"]["value"] == pytest.approx(240 / 48.2, abs=0.01)


def test_errors_are_judged_against_their_targets_and_the_published_mark() -> None:
    found = by_name(dense_bench.accuracy_figures(ACCURACY))
    assert found["dense.val_mae_part_a"]["ok"] is True
    assert found["dense.val_mae_part_b"]["ok"] is False
    ratio = found["dense.val_mae_part_b_over_mcnn_published"]
    assert ratio["value"] == pytest.approx(12 / 26.4, abs=0.001)
    assert found["dense.interval_coverage_part_a"]["ok"] is True
    assert found["dense.interval_coverage_part_b"]["ok"] is False


def test_every_figure_has_its_unit_even_where_nothing_can_be_measured() -> None:
    made = [*dense_bench.speed_figures(SPEED), *dense_bench.accuracy_figures(ACCURACY)]
    assert {entry["name"]: entry["unit"] for entry in made} == dense_bench.UNITS


def test_the_flow_keeps_value_and_target_under_its_dense_name() -> None:
    entry = dense_bench.flow_figure(figure("crowd.flow", 9.0, "ms", target="<= 12"))
    assert (entry["name"], entry["value"], entry["ok"]) == ("dense.flow_ms", 9.0, True)


def test_calls_take_turns_and_the_median_is_taken() -> None:
    clock = ManualClock()
    said: list[str] = []

    def call(name: str, milliseconds: list[float]) -> dense_child.Call:
        times = iter([1000.0, *milliseconds])  # the first one warms up

        def one(_frame: Frame) -> None:
            said.append(name)
            clock.advance(next(times) / 1000)

        return one

    calls = {"fast": call("fast", [1, 9, 2, 3]), "slow": call("slow", [10, 30, 20, 90])}
    found = dense_child.median_ms(calls, [frame(), frame(index=1)], clock=clock, rounds=2)
    assert found == pytest.approx({"fast": 2.5, "slow": 25.0})
    assert said[2:] == ["fast", "fast", "slow", "slow"] * 2
