"""Zones and lines as shown: every reading under its name, with its own trust."""

from __future__ import annotations

import dataclasses

import pytest

from backend.api.schemas.metrics import LineNumbersSchema, PlacesNumbersSchema, ZoneNumbersSchema
from backend.core.places import LineReading, PlaceReadings, ZoneReading
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts, ZoneRisk
from backend.core.trust import Trust
from backend.risk.blindness import HeldRisk
from backend.services.metric_views import as_json, metric_from_snapshot
from backend.services.place_views import (
    LineNumbersView,
    PlacesNumbersView,
    ZoneNumbersView,
    distrusted_places,
    places_of,
    with_held_zones,
)
from tests import builders

DRAWN = builders.camera_places(
    builders.zone(3, name="Gate B"), builders.counting_line(7, name="Turnstiles"), version=12
)
READ = PlaceReadings(
    version=12,
    zones=(
        ZoneReading(
            zone_id=3,
            count=9.0,
            count_low=8.0,
            count_high=None,
            trust=Trust.SATURATED,
            trust_reason="Too many.",
            peak_count=14.0,
            visitors=40,
            dwell_median_s=12.5,
            dwell_p90_s=60.0,
            dwell_longest_s=90.0,
            queue_length=4.0,
            metres_trust=Trust.ESTIMATED,
            metres_reason="From people's heights.",
            area_m2=20.0,
            density_per_m2=0.45,
            peak_density_per_m2=1.5,
            mean_speed_mps=0.8,
            crowd_pressure_per_s2=0.01,
            crowd_pressure_density_per_m2=1.4,
            told_apart_trust=Trust.SATURATED,
            map_share=0.8,
        ),
    ),
    lines=(
        LineReading(
            line_id=7,
            count_in=30,
            count_out=11,
            trust=Trust.OK,
            in_per_s=0.5,
            out_per_s=0.1,
            in_specific_per_m_s=0.25,
            out_specific_per_m_s=0.05,
        ),
    ),
)


def test_every_reading_is_shown_under_the_name_of_its_place() -> None:
    view = places_of(builders.snapshot(camera_places=DRAWN, places=READ))
    assert view.version == 12
    zone, line = view.zones[0], view.lines[0]
    assert (zone.name, line.name, line.balance) == ("Gate B", "Turnstiles", 19)
    for read, shown in ((READ.zones[0], zone), (READ.lines[0], line)):
        for field in dataclasses.fields(read):
            expected = getattr(read, field.name)
            expected = expected.value if isinstance(expected, Trust) else expected
            assert getattr(shown, field.name) == expected, field.name


def test_a_zone_is_shown_with_its_level_and_why() -> None:
    cause = Cause("density", RiskLevel.WARNING, 4.5, 4.0, "1/m²", "Too dense.")
    risk = RiskAssessment(RiskLevel.WARNING, 50.0, RiskParts(), causes=(cause,))
    seen = builders.snapshot(camera_places=DRAWN, places=READ, zone_risks=(ZoneRisk(3, risk),))
    zone = places_of(seen).zones[0]
    assert (zone.risk_level, zone.risk_score) == ("WARNING", 50.0)
    assert [(cause.name, cause.level) for cause in zone.causes] == [("density", "WARNING")]


def test_no_level_where_none_was_assessed() -> None:
    zone = places_of(builders.snapshot(camera_places=DRAWN, places=READ)).zones[0]
    assert (zone.risk_level, zone.risk_score, zone.causes) == (None, None, ())


@pytest.mark.parametrize(
    ("measured", "held", "shown"),
    [
        (RiskLevel.SAFE, RiskLevel.WARNING, "WARNING"),
        (RiskLevel.CRITICAL, RiskLevel.WARNING, "CRITICAL"),
        (RiskLevel.SAFE, RiskLevel.SAFE, "SAFE"),
    ],
)
def test_the_level_held_for_a_zone_is_a_floor(
    measured: RiskLevel, held: RiskLevel, shown: str
) -> None:
    risk = RiskAssessment(measured, None, RiskParts())
    seen = builders.snapshot(camera_places=DRAWN, places=READ, zone_risks=(ZoneRisk(3, risk),))
    blind = Cause("blindness", RiskLevel.WARNING, None, None, "", "Not seen.")
    view = with_held_zones(places_of(seen), {3: HeldRisk(held, (blind,)), 99: HeldRisk(held)})
    assert view is not None
    assert view.zones[0].risk_level == shown
    assert [cause.name for cause in view.zones[0].causes] == ["blindness"]
    assert with_held_zones(None, {}) is None


def test_a_camera_without_places_shows_empty_lists() -> None:
    view = metric_from_snapshot(builders.snapshot(), age_s=0.0)
    assert as_json(view.places) == {"version": 0, "zones": [], "lines": []}


def test_what_is_too_old_keeps_its_numbers_but_is_not_believed() -> None:
    view = places_of(builders.snapshot(camera_places=DRAWN, places=READ))
    old = distrusted_places(view, reason="No picture.")
    assert old is not None
    assert old.zones[0].count == 9.0
    for part in (old.zones[0], old.lines[0]):
        assert (part.trust, part.trust_reason) == ("unknown", "No picture.")
    assert distrusted_places(None, reason="No picture.") is None


def test_the_document_names_every_field_that_is_sent() -> None:
    for view, schema in (
        (PlacesNumbersView, PlacesNumbersSchema),
        (ZoneNumbersView, ZoneNumbersSchema),
        (LineNumbersView, LineNumbersSchema),
    ):
        assert {field.name for field in dataclasses.fields(view)} == set(schema().fields)
