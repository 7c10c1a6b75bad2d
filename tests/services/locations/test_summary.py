"""All locations together: nobody twice, nothing old, samples only among themselves."""

from __future__ import annotations

from typing import Any

from backend.core.camera import SourceType
from backend.core.locations import AreaRef, DensityLevel, LineRef, Location, LocationReading
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.services.locations.known import Known, KnownCamera, KnownZone
from backend.services.locations.summary import SummaryView, summary_view
from tests.services.locations.location_world import reading

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
MIDDLE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
KNOWN = Known(
    cameras={
        1: KnownCamera("A", SourceType.RTSP),
        2: KnownCamera("B", SourceType.RTSP),
        3: KnownCamera("Drawn", SourceType.SIMULATED),
    },
    zones={1: KnownZone(1, "L", LEFT), 2: KnownZone(1, "R", RIGHT), 3: KnownZone(1, "M", MIDDLE)},
)
ONE, TWO, L, R, M = AreaRef(1), AreaRef(2), AreaRef(1, 1), AreaRef(1, 2), AreaRef(1, 3)


def place(number: int, *areas: AreaRef, **changes: Any) -> Location:
    return Location(number, f"Place {number}", areas=areas, **changes)


def total(*locations: Location) -> SummaryView:
    """Sum up locations, the first with 1 person, the next with 2, then 4 …"""
    known = {one.location_id: 2.0**number for number, one in enumerate(locations)}
    return summary_view(locations, {i: reading(i, count) for i, count in known.items()}, KNOWN)


def of(*readings: LocationReading) -> SummaryView:
    return summary_view(
        [place(one.location_id) for one in readings],
        {one.location_id: one for one in readings},
        KNOWN,
    )


def test_nothing_is_nothing() -> None:
    found = summary_view([], {}, KNOWN)
    assert (found.location_count, found.total_count, found.is_trial) == (0, None, False)
    assert (found.risk_level, found.risk_location_id) == ("SAFE", None)
    assert found.total_reason == "There is no location yet."


def test_places_apart_are_added() -> None:
    found = total(place(1, L), place(2, R), place(3, TWO), place(4))
    assert (found.total_count, found.total_low, found.total_high) == (15, 15, 15)
    assert (found.total_reason, found.counted_ids) == ("", (1, 2, 3, 4))


def test_a_site_is_not_added_to_its_halls() -> None:
    found = total(place(1, L), place(2, ONE, TWO), place(3, R), place(4))
    assert (found.total_count, found.counted_ids) == (2 + 8, (2, 4))
    assert "not added again" in found.total_reason
    twins = total(place(1, ONE), place(2, ONE))
    assert (twins.total_count, twins.counted_ids) == (1, (1,))


def test_ground_shared_in_part_has_no_total() -> None:
    for pair in ((place(1, L), place(2, M)), (place(1, ONE, TWO), place(2, L, AreaRef(9)))):
        found = total(*pair)
        assert (found.total_count, found.total_low, found.counted_ids) == (None, None, ())
        assert "“Place 1”, “Place 2” show the same ground in part" in found.total_reason


def test_a_line_shows_nobodys_ground() -> None:
    found = total(place(1, L), place(2, lines=(LineRef(1, 7),)))
    assert found.total_count == 3


def test_old_numbers_are_not_added() -> None:
    stale = reading(1, 50.0, trust=Trust.UNKNOWN)
    found = of(stale, reading(2, 7.0), reading(3))
    assert (found.total_count, found.total_low, found.total_high) == (7, 7, None)
    assert "At least: the number of 2 more" in found.total_reason
    assert (found.unknown_count, found.location_count) == (2, 3)
    assert of(stale).total_count is None


def test_at_least_is_at_least() -> None:
    found = of(reading(1, 50.0, count_high=None), reading(2, 7.0, count_low=5.0, count_high=9.0))
    assert (found.total_count, found.total_low, found.total_high) == (57, 55, None)


def test_the_highest_levels_and_where() -> None:
    found = of(
        reading(1, 5.0, density_level=DensityLevel.MEDIUM, risk_level=RiskLevel.CAUTION),
        reading(2, 5.0, density_level=DensityLevel.HIGH),
        reading(3, None, density_level=DensityLevel.CRITICAL, risk_level=RiskLevel.WARNING),
        reading(4, 5.0),
    )
    assert (found.density_level, found.density_location_id) == ("HIGH", 2)
    assert (found.risk_level, found.risk_location_id) == ("WARNING", 3), "held where nobody sees"
    assert of(reading(1, 5.0)).density_level is None


def test_samples_and_simulations_stand_back() -> None:
    sample, drawn = place(1, is_sample=True), place(2, AreaRef(3))
    trial = total(sample, drawn)
    assert (trial.is_trial, trial.location_count, trial.total_count) == (True, 2, 3)
    real = total(sample, drawn, place(3))
    assert (real.is_trial, real.location_count, real.total_count) == (False, 1, 4)
