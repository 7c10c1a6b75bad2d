"""Measurements as shown: every number with its unit, interval and its own trust."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.camera import SourceType
from backend.core.measurements import (
    MEASURED_FIELDS,
    NO_QUALITIES,
    UNITS,
    CountMethod,
    CrowdMetrics,
    Handedness,
    LevelOfService,
    MotionSource,
    Quality,
)
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.db.cameras import Metric
from backend.db.metric_store import insert_metrics
from backend.pipeline.metric_row import make_row
from backend.services.metric_views import (
    MetricView,
    as_json,
    metric_from_row,
    metric_from_snapshot,
)
from backend.services.metrics import MetricService, TimeRange
from backend.services.quantity_views import QuantityView
from tests import builders
from tests.services.camera_world import ADMIN, SECRET_SOURCE, CameraWorld

ESTIMATE = Quality(Trust.ESTIMATED, "From people's heights.", 1.2, 1.9)


def full() -> CrowdMetrics:
    """Return metrics in which every field has a value of its own."""
    values: dict[str, Any] = {}
    for number, field in enumerate(dataclasses.fields(CrowdMetrics)):
        if field.name in MEASURED_FIELDS:
            values[field.name] = number if "count" in str(field.type) else number + 0.5
            if "int" in str(field.type):
                values[field.name] = number
    values |= {
        "level_of_service": LevelOfService.C,
        "motion_source": MotionSource.OPTICAL_FLOW,
        "oscillation_handedness": Handedness.LINEAR,
        "surge_significant": True,
        "stagnant": True,
        "count_method": CountMethod.BLEND,
        "map_share": 0.7,
    }
    return CrowdMetrics(**values, quality={"density_per_m2": ESTIMATE})


def shown(crowd: CrowdMetrics) -> dict[str, QuantityView]:
    view = metric_from_snapshot(builders.snapshot(crowd=crowd), age_s=0.0)
    assert view.quantities is not None
    return dict(view.quantities)


def test_every_measurement_is_shown_flat_and_every_unit_as_a_quantity() -> None:
    view = metric_from_snapshot(builders.snapshot(crowd=full()), age_s=0.5)
    for name in MEASURED_FIELDS:
        assert getattr(view, name) not in (None, 0), name
    quantities = shown(full())
    assert set(quantities) == set(UNITS)
    assert all(quantities[name].unit == unit for name, unit in UNITS.items())
    assert quantities["level_of_service"].value == "C"
    assert view.oscillation_handedness == "linear"
    assert (view.count_method, view.map_share) == ("blend", 0.7)
    assert as_json(view)["quantities"]["egress_time_s"]["value"] == view.egress_time_s


def test_a_number_of_its_own_quality_keeps_it_and_the_others_follow_the_whole() -> None:
    crowd = dataclasses.replace(full(), trust=Trust.DEGRADED, trust_reason="Lag.")
    quantities = shown(crowd)
    density, speed = quantities["density_per_m2"], quantities["mean_speed_mps"]
    assert (density.trust, density.reason) == ("estimated", "From people's heights.")
    assert (density.low, density.high) == (1.2, 1.9)
    assert (speed.trust, speed.reason, speed.low, speed.high) == ("degraded", "Lag.", None, None)


def test_the_count_carries_its_own_interval() -> None:
    crowd = builders.metrics(count=40.0, count_low=35.0, count_high=None, trust=Trust.SATURATED)
    count = shown(crowd)["count"]
    assert (count.low, count.high, count.trust) == (35.0, None, "saturated")
    finer = dataclasses.replace(crowd, quality={"count": Quality(low=38.0, high=44.0)})
    assert (shown(finer)["count"].low, shown(finer)["count"].trust) == (38.0, "ok")


def test_nothing_of_an_unknown_frame_is_believed() -> None:
    crowd = dataclasses.replace(  # as the pipeline hands it on: no number has a state of its own
        full(), trust=Trust.UNKNOWN, trust_reason="The picture is black.", quality=NO_QUALITIES
    )
    for quantity in shown(crowd).values():
        assert (quantity.trust, quantity.reason) == ("unknown", "The picture is black.")


class Gate:
    """A camera of a world, with its stored seconds."""

    def __init__(self, world: CameraWorld) -> None:
        self.world = world
        fields = {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
        self.id = world.cameras.create(ADMIN, fields).id  # type: ignore[arg-type]
        self.metrics = MetricService(session_factory=world.database, live=world.live)

    def publish(self, crowd: CrowdMetrics) -> Snapshot:
        snapshot = builders.snapshot(
            camera_id=self.id, crowd=crowd, published_mono_s=self.world.clock.monotonic()
        )
        self.world.bus.publish(snapshot, builders.frame())
        return snapshot

    def store(self, crowd: CrowdMetrics) -> MetricView:
        snapshot = builders.snapshot(camera_id=self.id, crowd=crowd)
        self.metrics.write_rows([make_row(snapshot, builders.assessment())])
        page = self.metrics.stored(ADMIN, self.id, TimeRange(), page=1, per_page=100)
        return page.items[-1]


@pytest.fixture
def gate(cameras: CameraWorld) -> Gate:
    return Gate(cameras)


def test_what_is_stored_comes_back(gate: Gate) -> None:
    live = metric_from_snapshot(builders.snapshot(crowd=full()), age_s=0.0)
    stored = gate.store(full())
    for name in (*MEASURED_FIELDS, "count_method", "map_share"):
        assert getattr(stored, name) == getattr(live, name), name
    assert (stored.quantities, stored.parts, stored.age_s) == (None, None, None)


def test_a_stored_number_that_could_not_be_believed_is_none(gate: Gate) -> None:
    moved = Quality(Trust.UNKNOWN, "The camera was moved.")
    crowd = dataclasses.replace(full(), quality={"density_per_m2": moved, "count": moved})
    stored = gate.store(crowd)
    assert (stored.density_per_m2, stored.trust) == (None, "ok")
    assert stored.peak_density_per_m2 is not None
    assert stored.count == crowd.count, "people are counted without a calibration"
    black = dataclasses.replace(crowd, trust=Trust.UNKNOWN, trust_reason="Black.")
    assert gate.store(black).density_per_m2 == crowd.density_per_m2


def test_rows_of_an_earlier_version_have_nothing_where_nothing_was_measured(gate: Gate) -> None:
    old = {
        "camera_id": gate.id,
        "run_id": 1,
        "at": builders.EPOCH,
        "stream_time_s": 1.0,
        "count": 3.0,
        "count_low": 2.0,
        "risk_level": "SAFE",
        "causes": [],
        "trust": "ok",
    }
    with gate.world.database() as session, session.begin():
        insert_metrics(session, [old])
    with gate.world.database() as session:
        view = metric_from_row(session.scalars(select(Metric)).one())
    assert (view.count, view.moving_count, view.motion_source, view.stagnant) == (
        3.0,
        None,
        None,
        None,
    )
    assert (view.count_method, view.map_share) == (None, None)
    current = gate.metrics.current(ADMIN, gate.id)
    assert current.quantities is not None
    assert current.quantities["moving_count"].value is None


def test_zones_are_told_of_for_one_camera_and_left_out_of_the_list(gate: Gate) -> None:
    gate.publish(full())
    (listed,) = gate.world.cameras.visible(ADMIN)
    assert listed.current is not None
    assert (listed.current.count, listed.current.places) == (full().count, None)
    single = gate.world.cameras.get(ADMIN, gate.id).current
    assert single is not None
    assert single.places is not None
    assert gate.metrics.current(ADMIN, gate.id).places == single.places


def test_numbers_that_are_no_longer_current_are_all_unknown(gate: Gate) -> None:
    gate.publish(full())
    fresh = gate.metrics.current(ADMIN, gate.id)
    assert fresh.quantities is not None
    assert fresh.quantities["density_per_m2"].trust == "estimated"
    gate.world.clock.advance(60)
    stale = gate.metrics.current(ADMIN, gate.id)
    assert stale.quantities is not None
    assert {quantity.trust for quantity in stale.quantities.values()} == {"unknown"}
    assert "No picture" in stale.quantities["density_per_m2"].reason
    assert stale.quantities["density_per_m2"].value == full().density_per_m2


def test_the_last_stored_second_is_shown_as_unknown_with_its_intervals(gate: Gate) -> None:
    gate.store(full())
    last = gate.metrics.current(ADMIN, gate.id)
    assert last.quantities is not None
    density = last.quantities["density_per_m2"]
    assert (density.trust, density.low, density.high) == ("unknown", 1.2, 1.9)
    assert "last stored" in density.reason
    assert set(last.quantities) == set(UNITS)
