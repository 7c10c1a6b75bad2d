"""A crowd that grows from 5 to 300 people, composed of real crops: boxes hand over to the map.

The pictures are composed of validation pictures of ShanghaiTech B, which the density network
never learned from. The detector and the network that is shipped count every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backend.crowd.hybrid.blend import SHARE_PER_S
from backend.vision.adapters.yolo import open_yolo
from backend.vision.density.store import SHIPPED, DensityStore
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from training.composed_crowds import compose_ramp
from training.datasets.shanghaitech import load_shanghaitech
from training.ramp import COUNTED_S, SHOWN_S, RampReading, measure_ramp
from training.splits import split_dataset

pytestmark = pytest.mark.assets

WEIGHTS = SHIPPED
COUNTS = tuple(round(people) for people in np.linspace(5, 300, 21))
ROUNDING = 1e-6


@pytest.fixture(scope="module")
def readings(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RampReading]]:
    whole = load_shanghaitech(assets / "data" / "counting" / "ShanghaiTech", "B", "train")
    _, validation = split_dataset(whole)
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams()))
    store = DensityStore(tmp_path_factory.mktemp("models"), shipped=WEIGHTS)
    steps = compose_ramp(validation.pictures, COUNTS)
    yield list(measure_ramp(steps, detector, store.open_counter()))
    detector.close()
    network.close()
    store.close()


def test_the_ramp_is_the_one_asked_for(readings: list[RampReading]) -> None:
    assert tuple(each.truth for each in readings[::SHOWN_S]) == COUNTS


def test_the_blend_is_never_worse_than_the_worse_of_the_two(readings: list[RampReading]) -> None:
    for each in readings:
        off_boxes, off_map = abs(each.boxes - each.truth), abs(each.by_map - each.truth)
        assert abs(each.blend - each.truth) <= max(off_boxes, off_map) + ROUNDING, each


def test_no_change_is_larger_than_the_counters_own_and_the_pace(
    readings: list[RampReading],
) -> None:
    """A second moves a share by a quarter: no more than a quarter of either's people change."""
    for before, after in pairwise(readings):
        own = max(abs(after.boxes - before.boxes), abs(after.by_map - before.by_map))
        handed_over = SHARE_PER_S * COUNTED_S * max(after.boxes, after.by_map)
        step = abs(after.blend - before.blend)
        assert step <= own + handed_over + ROUNDING, (before, after)


def test_boxes_count_the_few_and_the_map_the_many(readings: list[RampReading]) -> None:
    few, many = readings[0], readings[-4 * SHOWN_S :]
    assert few.map_share < 0.1
    assert np.mean([each.map_share for each in many]) > 0.6
    off = {
        name: np.mean([abs(getattr(each, name) - each.truth) for each in many])
        for name in ("boxes", "blend")
    }
    assert off["blend"] < 0.7 * off["boxes"]
