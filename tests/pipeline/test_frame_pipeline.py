"""The chain from picture to snapshot, driven step by step."""

from __future__ import annotations

import dataclasses

import pytest

from backend.core.camera import CameraConfig, SourceSpec, SourceType
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskLevel, ZoneRisk
from backend.pipeline.frame_pipeline import FramePipeline, PipelineLimits
from backend.vision.inference.scheduler import WEIGHTS, InferenceScheduler
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import PARAMS, Bench, FakeZoneRisks, SourceShelf


class AlarmedZones(FakeZoneRisks):
    """Finds every zone at one level."""

    def __init__(self, level: RiskLevel) -> None:
        super().__init__()
        self._level = level

    def update(
        self, places: CameraPlaces, readings: PlaceReadings, *, stream_time_s: float, segment: int
    ) -> tuple[ZoneRisk, ...]:
        risk = builders.assessment(level=self._level)
        return tuple(ZoneRisk(zone.zone_id, risk) for zone in readings.zones)


@pytest.mark.parametrize("level", RiskLevel)
def test_a_camera_is_as_urgent_as_the_worst_of_its_zones(
    manual_clock: ManualClock, level: RiskLevel
) -> None:
    bench = Bench(manual_clock, SourceShelf([]))
    parts = dataclasses.replace(bench.parts(), make_zone_risks=lambda _params: AlarmedZones(level))
    camera = CameraConfig(
        1,
        "Gate",
        SourceSpec(SourceType.RTSP, "rtsp://camera"),
        places=builders.camera_places(builders.zone()),
    )
    pipeline = FramePipeline(
        camera,
        run_id=1,
        parts=parts,
        params=PARAMS,
        outlet=bench.outlet,
        clock=manual_clock,
        limits=PipelineLimits(),
    )
    pipeline.load(InferenceScheduler(manual_clock))
    pipeline.step(builders.frame())
    pipeline.drain()
    (snapshot,) = bench.outlet.snapshots
    assert snapshot.risk.level is RiskLevel.SAFE
    assert pipeline.seat is not None
    assert pipeline.seat.weight == WEIGHTS[level]
    pipeline.close()
