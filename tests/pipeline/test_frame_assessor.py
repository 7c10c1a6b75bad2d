"""What one picture comes to, without networks, turns and queues."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from backend.core.camera import SourceType
from backend.core.frame import Detections, Tracks
from backend.core.measurements import SaturationEvidence
from backend.core.risk import RiskLevel, ZoneRisk
from backend.core.trust import Trust
from backend.pipeline.frame_assessor import AssessedFrame, FrameAssessor, SeenFrame
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import PARAMS, Bench, SourceShelf, config

PEOPLE = Tracks(np.array([7], np.int64), np.zeros((1, 4), np.float32), np.ones(1, np.float32))


def assess(clock: ManualClock, bench: Bench, **changes: object) -> AssessedFrame:
    camera = dataclasses.replace(
        config(source_type=SourceType.FILE), places=builders.camera_places(builders.zone())
    )
    assessor = FrameAssessor(camera, bench.parts(), PARAMS, clock)
    assessor.open(bench.open_detector(camera))
    seen = SeenFrame(builders.frame(), Detections.empty(), PEOPLE, builders.model_info())
    return assessor.assess(dataclasses.replace(seen, **changes))  # type: ignore[arg-type]


def test_one_picture_is_measured_and_judged(manual_clock: ManualClock) -> None:
    bench = Bench(manual_clock, SourceShelf([]))
    found = assess(manual_clock, bench, outage_s=4.0)
    assert (found.metrics.count, found.places.zones[0].count) == (1.0, 1.0)
    assert found.camera_places.zones[0].name == "Zone 1"
    assert (found.level, found.is_saturated) == (RiskLevel.SAFE, False)
    assert bench.analyzer.facts[0].outage_s == 4.0


@pytest.mark.parametrize("level", RiskLevel)
def test_a_picture_is_as_urgent_as_its_worst_place(
    manual_clock: ManualClock, level: RiskLevel
) -> None:
    found = assess(manual_clock, Bench(manual_clock, SourceShelf([])))
    risk = builders.assessment(level=level)
    assert dataclasses.replace(found, zone_risks=(ZoneRisk(1, risk),)).level is level


def test_saturation_comes_from_the_count_or_from_the_examination(
    manual_clock: ManualClock,
) -> None:
    found = assess(manual_clock, Bench(manual_clock, SourceShelf([])))
    saturated = dataclasses.replace(found.metrics, trust=Trust.SATURATED)
    assert dataclasses.replace(found, metrics=saturated).is_saturated
    seen = dataclasses.replace(found.found, saturation=SaturationEvidence(True, "", 1.0, 0.0))
    assert dataclasses.replace(found, found=seen).is_saturated
