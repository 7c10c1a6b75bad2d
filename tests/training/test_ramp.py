"""The ramp's readings: two analysers, one with maps and one without, on the same boxes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Frame, Image
from backend.core.observation import CountError, CrowdMap
from tests import builders
from training.composed_crowds import RampStep
from training.ramp import SHOWN_S, RampReading, describe_ramp, draw_ramp, measure_ramp

WH = (640, 480)


class _TenBoxes:
    """Finds ten people, however many there are."""

    info = ModelInfo("ten", "none", "f32", (640, 640))

    def detect(self, _image: Image) -> Detections:
        rows = [(20.0 + 60 * n, 100.0, 50.0 + 60 * n, 300.0) for n in range(10)]
        return builders.detections(*rows)


class _PerfectMap:
    """Counts everybody, close together in one place."""

    def count(self, frame: Frame) -> CrowdMap:
        people = np.zeros((60, 80), np.float32)
        people[20:40, 20:60] = (5 + 5 * frame.index) / 800
        return CrowdMap(
            stream_time_s=frame.stream_time_s,
            segment=frame.segment,
            people=people,
            cell_wh_px=(8.0, 8.0),
            picture_wh=frame.picture_wh,
            heads_px=np.zeros((0, 2), np.float32),
            error=CountError(0.5, 0.1, 2.0),
            crowded_per_cell=2.0,
        )


def steps(count: int) -> list[RampStep]:
    picture = builders.image(width=WH[0], height=WH[1])
    return [RampStep(picture, np.zeros((5 + 5 * number, 2), np.float32)) for number in range(count)]


def test_boxes_map_and_blend_are_read_at_every_step() -> None:
    readings = list(measure_ramp(steps(40), _TenBoxes(), _PerfectMap()))  # type: ignore[arg-type]
    people = [5 + 5 * n for n in range(40) for _ in range(SHOWN_S)]
    assert [each.truth for each in readings] == people
    assert [each.by_map for each in readings] == pytest.approx(people)
    assert [each.at_s for each in readings] == [float(n) for n in range(len(people))]
    first, last = readings[0], readings[-1]
    assert first.blend == pytest.approx(first.boxes)
    assert last.blend > 0.9 * last.truth > 5 * last.boxes, "the map has taken over"
    assert last.map_share > 0.8


def _reading(truth: int, *, high: float | None) -> RampReading:
    return RampReading(truth / 5, truth, 10.0, truth + 4.0, truth - 2.0, truth - 9.0, high, 0.5)


def test_errors_and_coverage_are_said() -> None:
    lines = list(describe_ramp([_reading(20, high=30.0), _reading(40, high=None)]))
    assert (
        lines[0]
        == "boxes: mean error 20.0 people, bias -20.0, largest 30; largest change a second 0"
    )
    assert (
        lines[2] == "blend: mean error 2.0 people, bias -2.0, largest 2; largest change a second 20"
    )
    assert lines[3] == "truth inside the interval of the blend: 100%"


def test_the_plot_is_written(tmp_path: Path) -> None:
    path = tmp_path / "ramp.png"
    draw_ramp([_reading(20, high=30.0), _reading(40, high=None)], path)
    assert path.read_bytes().startswith(b"\x89PNG")
