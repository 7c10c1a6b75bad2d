"""One location, step by step: what its number is, and how it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.core.locations import (
    AreaRef,
    AreaSight,
    CountEntry,
    CountSource,
    DensityLevel,
    LineBalance,
    LineRef,
    Location,
    LocationReading,
    Overlap,
)
from backend.core.places import LineReading
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LineSight, LocationMeasurement, LocationMeter
from tests import builders
from tests.builders import EPOCH

A, B = AreaRef(1), AreaRef(2)
GATE = LineRef(3, 1)
SQUARE = Location(7, "Square", capacity=300, areas=(A, B))
CAMERA, LINE, MANUAL, API, EDGE = CountSource


def _sight(count: float, *, margin: float = 5.0, **changes: object) -> AreaSight:
    fields: dict[str, object] = {
        "count_low": max(count - margin, 0.0),
        "count_high": count + margin,
        "trust": Trust.OK,
    }
    return AreaSight(count, **(fields | changes))  # type: ignore[arg-type]


LOST: dict[str, Any] = {"trust": Trust.UNKNOWN, "trust_reason": "The camera is lost."}


class Place:
    """A meter and its clocks, one second a step."""

    def __init__(self, location: Location = SQUARE, balance: LineBalance | None = None) -> None:
        self.meter = LocationMeter(location, balance=balance)
        self.second = 0.0
        self.entries: list[CountEntry] = []

    def say(self, count: float, source: CountSource = MANUAL, *, age_s: float = 0.0) -> None:
        at = EPOCH + timedelta(seconds=self.second - age_s)
        self.entries.insert(0, CountEntry(source, count, at))

    def step(
        self,
        seen: Sequence[AreaSight | None] = (),
        *,
        line: tuple[int, int] | None = None,
        seconds: int = 1,
    ) -> LocationMeasurement:
        areas = self.meter.location.areas
        sights = {area: s for area, s in zip(areas, seen, strict=False) if s is not None}
        lines = {}
        if line is not None:
            reading = LineReading(1, *line, Trust.OK)
            lines[GATE] = LineSight(1, builders.counting_line(), reading)
        for _ in range(seconds):
            self.second += 1
            at = EPOCH + timedelta(seconds=self.second)
            found = self.meter.update(sights, lines, self.entries, at=at, mono_s=self.second)
        return found

    def read(self, *args: Any, **kwargs: Any) -> LocationReading:
        return self.step(*args, **kwargs).reading


def test_cameras_alone() -> None:
    place = Place()
    found = place.read([_sight(100, peak_density_per_m2=1.5), _sight(60)])
    assert (found.location_id, found.count, found.source) == (7, 160, CAMERA)
    assert found.trust is Trust.OK and found.trust_reason == ""
    assert found.occupancy_percent == 100 * 160 / 300
    assert (found.density_level, found.density_from) == (DensityLevel.MEDIUM, "occupancy")
    assert found.peak_density_per_m2 == 1.5
    assert found.last_measured_at == found.at == EPOCH + timedelta(seconds=1)
    assert [(part.source, part.is_used) for part in found.parts] == [(CAMERA, True)]
    assert found.balance is None and place.meter.balance is None


def test_overlaps_are_taken_off_and_shares_sum_to_the_count() -> None:
    found = Place(replace(SQUARE, overlaps=(Overlap((A, B)),))).read([_sight(100), _sight(60)])
    assert found.count == 100
    assert [share.counted for share in found.shares] == [100, 0]


def test_nothing_at_all_is_no_number() -> None:
    found = Place().read()
    assert (found.count, found.count_low, found.count_high, found.source) == (None,) * 4
    assert found.trust is Trust.UNKNOWN
    assert found.trust_reason == "Nothing has been counted or sent in yet."
    assert (found.occupancy_percent, found.density_level, found.density_from) == (None, None, "")
    assert found.parts == () and len(found.shares) == 2
    assert found.last_measured_at is None


def test_lost_cameras_keep_their_last_count_and_say_since_when() -> None:
    place = Place()
    place.step([_sight(100), _sight(60)])
    found = place.read([_sight(100, **LOST), _sight(60, **LOST)], seconds=30)
    assert (found.count, found.count_low, found.count_high) == (160, 0, None)
    assert found.trust is Trust.UNKNOWN
    assert found.last_measured_at == EPOCH + timedelta(seconds=1)
    assert found.peak_density_per_m2 is None


def test_a_density_that_is_not_seen_any_more_raises_no_level() -> None:
    place = Place()
    dense = _sight(10, peak_density_per_m2=6.5)
    assert place.read([dense, _sight(1)]).density_from == "density"
    found = place.read([replace(dense, trust=Trust.UNKNOWN), _sight(1)])
    assert (found.density_level, found.density_from) == (DensityLevel.LOW, "occupancy")


def test_a_number_sent_in_raises_cameras_while_it_counts() -> None:
    place = Place(replace(SQUARE, entry_valid_s=60.0))
    place.say(200)
    seen = [_sight(100), _sight(60)]
    found = place.read(seen)
    assert (found.count, found.source, found.trust) == (200, MANUAL, Trust.ESTIMATED)
    assert found.trust_reason == "Typed in by a person. The cameras count 160."
    assert found.last_measured_at == EPOCH
    assert [(part.source, part.is_used) for part in found.parts] == [
        (CAMERA, False),
        (MANUAL, True),
    ]
    later = place.read(seen, seconds=60)
    assert (later.count, later.source) == (160, CAMERA)
    assert later.parts[1].trust is Trust.UNKNOWN


def test_an_expired_number_stays_as_what_was_known_last() -> None:
    place = Place(replace(SQUARE, areas=(), entry_valid_s=60.0))
    place.say(240)
    assert place.read().trust is Trust.ESTIMATED
    found = place.read(seconds=61)
    assert (found.count, found.source, found.trust) == (240, MANUAL, Trust.UNKNOWN)
    assert found.density_level is DensityLevel.HIGH


def test_a_number_newer_than_what_lost_cameras_saw_takes_their_place() -> None:
    place = Place()
    place.step([_sight(100), _sight(60)], seconds=5)
    lost = [_sight(100, **LOST), _sight(60, **LOST)]
    place.say(20, age_s=3)
    assert place.read(lost).source is CAMERA
    place.say(30)
    found = place.read(lost)
    assert (found.count, found.source) == (30, MANUAL)


GATED = replace(SQUARE, areas=(), lines=(GATE,))


def test_lines_count_on_from_a_balance_written_before() -> None:
    place = Place(GATED, LineBalance(50.0, 10, 4, EPOCH))
    place.step(line=(200, 100))
    found = place.read(line=(203, 101))
    assert (found.count, found.source, found.trust) == (58, LINE, Trust.ESTIMATED)
    assert found.balance == place.meter.balance == LineBalance(50.0, 13, 5, EPOCH)
    assert found.parts[0].at == EPOCH
    assert found.last_measured_at == found.at


def test_lines_that_are_lost_leave_their_last_balance() -> None:
    place = Place(GATED, LineBalance(50.0, 0, 0, EPOCH))
    place.step(line=(0, 0))
    found = place.read(seconds=10)
    assert (found.count, found.trust) == (50, Trust.UNKNOWN)
    assert found.last_measured_at == EPOCH + timedelta(seconds=1)


def test_lines_nobody_has_seen_yet_have_no_number() -> None:
    found = Place(GATED).read()
    assert (found.count, found.parts, found.trust) == (None, (), Trust.UNKNOWN)
    kept = Place(GATED, LineBalance(50.0, 9, 4, EPOCH)).read()
    assert (kept.count, kept.trust, kept.last_measured_at) == (55, Trust.UNKNOWN, EPOCH)


def test_nobody_knows_when_a_place_is_full_that_is_not_seen() -> None:
    place = Place()
    place.step([_sight(200), _sight(160)])
    assert place.read([_sight(200), _sight(160)]).time_to_limit.seconds == 0
    lost = place.read([_sight(200, **LOST), _sight(160, **LOST)])
    assert lost.time_to_limit.seconds is None


def test_a_correction_is_no_inflow_and_no_surge() -> None:
    place = Place(GATED, LineBalance(100.0, 0, 0, EPOCH))
    place.step(line=(0, 0), seconds=120)
    place.meter.correct_balance(200.0, at=EPOCH + timedelta(seconds=120))
    for _ in range(120):
        found = place.step(line=(0, 0))
        assert found.surge is None or found.surge.relative == 0
        assert found.reading.time_to_limit.inflow_per_s in (None, 0)
    assert found.reading.count == 200


def test_who_was_counted_by_hand_and_by_the_lines_differs() -> None:
    place = Place(GATED, LineBalance(210.0, 0, 0, EPOCH))
    place.step(line=(0, 0))
    place.say(180)
    found = place.read(line=(0, 0))
    assert found.count == 210, "a number sent in does not empty a place"
    notice = "The lines said 210, 180 was sent in: correct the balance."
    assert notice in found.trust_reason and notice in found.parts[0].trust_reason
    assert notice in place.read(line=(40, 0), seconds=30).trust_reason, "and 40 have come since"
    place.meter.correct_balance(220.0, at=EPOCH + timedelta(seconds=place.second))
    found = place.read(line=(40, 0))
    assert "correct the balance" not in found.trust_reason
    assert found.parts[1].trust is Trust.UNKNOWN, "people have been counted anew since"


def test_a_larger_number_does_not_outlive_the_correction_of_the_balance() -> None:
    place = Place(GATED, LineBalance(100.0, 0, 0, EPOCH))
    place.step(line=(0, 0))
    place.say(280)
    assert place.read(line=(0, 0)).count == 280
    place.meter.correct_balance(120.0, at=EPOCH + timedelta(seconds=place.second))
    assert place.read(line=(0, 0)).count == 120


def test_a_balance_read_after_a_restart_is_newer_than_what_was_sent_in_before_it() -> None:
    place = Place(GATED, LineBalance(220.0, 0, 0, EPOCH))
    place.say(180, age_s=60)
    assert "correct the balance" not in place.read(line=(0, 0)).trust_reason


def test_who_came_since_a_number_was_sent_in_is_no_difference() -> None:
    place = Place(GATED, LineBalance(180.0, 0, 0, EPOCH))
    place.step(line=(0, 0))
    place.say(180)
    place.step(line=(0, 0))
    assert "correct" not in place.read(line=(200, 0), seconds=60).trust_reason


def test_a_balance_that_cameras_contradict_says_so_and_is_not_used() -> None:
    place = Place(replace(SQUARE, lines=(GATE,)), LineBalance(300.0, 0, 0, EPOCH))
    found = place.read([_sight(100), _sight(60)], line=(0, 0))
    assert (found.count, found.trust, found.trust_reason) == (160, Trust.OK, "")
    line = found.parts[1]
    assert (line.is_used, line.trust) == (False, Trust.DEGRADED)
    assert "the balance has drifted" in line.trust_reason


def test_time_to_the_limit_follows_the_inflow() -> None:
    place = Place()
    for second in range(60):
        found = place.read([_sight(100 + second), _sight(60)])
    inflow = found.time_to_limit
    assert inflow.inflow_per_s is not None and abs(inflow.inflow_per_s - 1.0) < 0.01
    assert inflow.seconds is not None and abs(inflow.seconds - (300 - 219)) < 1


def test_a_number_that_raises_the_count_is_no_inflow_and_hides_none() -> None:
    place = Place()
    place.step([_sight(100), _sight(60)], seconds=100)
    place.say(280)
    found = place.step([_sight(100), _sight(60)], seconds=30)
    assert found.reading.count == 280
    assert found.surge is not None and found.surge.relative == 0
    assert found.reading.time_to_limit.inflow_per_s == 0
    assert found.spike is None, "one number is no change"


def test_lost_and_found_cameras_are_no_surge() -> None:
    place = Place()
    place.step([_sight(100), _sight(60)], seconds=100)
    place.step([_sight(100), _sight(60, **LOST)], seconds=60)
    for _ in range(100):
        found = place.step([_sight(100), _sight(160)])
        assert found.surge is None or not found.surge.is_significant


def test_gates_surge_by_what_passes_not_by_what_they_may_have_missed_all_day() -> None:
    place = Place(GATED, LineBalance(60.0, 2000, 1900, EPOCH))
    place.step(line=(0, 0), seconds=90)
    for second in range(40):
        found = place.step(line=(4 * second, 0))
    assert found.surge is not None
    assert found.surge.relative > 0.3 and found.surge.is_significant


def test_a_spike_between_two_numbers_sent_in() -> None:
    place = Place(replace(SQUARE, areas=()))
    place.say(100)
    assert place.step(seconds=60).spike is None
    place.say(150)
    spike = place.step().spike
    assert spike is not None and (spike.relative, spike.is_significant) == (0.5, True)


def test_other_areas_begin_anew_and_the_balance_is_kept() -> None:
    place = Place(replace(SQUARE, lines=(GATE,)), LineBalance(160.0, 0, 0, EPOCH))
    place.step([_sight(100), _sight(60)], line=(0, 0), seconds=100)
    kept = place.meter.balance
    place.meter.set_location(replace(SQUARE, areas=(A,), lines=(GATE,), version=2))
    found = place.step([_sight(100)], line=(5, 0))
    assert (found.reading.count, found.surge) == (100, None)
    assert found.reading.balance == replace(kept or LineBalance(0, 0, 0, EPOCH), count_in=5)


def test_another_name_or_capacity_begins_nothing_anew() -> None:
    place = Place()
    place.step([_sight(100), _sight(60)], seconds=100)
    place.meter.set_location(replace(SQUARE, name="Plaza", capacity=200, version=2))
    found = place.step([_sight(100), _sight(60)])
    assert found.surge is not None and found.reading.occupancy_percent == 80


def test_other_bands_of_density() -> None:
    meter = LocationMeter(SQUARE, density_edges=(1.0, 1.5, 2.0))
    sight = _sight(1, peak_density_per_m2=1.6)
    found = meter.update({A: sight}, {}, (), at=EPOCH, mono_s=0.0).reading
    assert (found.density_level, found.density_from) == (DensityLevel.HIGH, "density")


def test_a_number_of_long_ago_is_not_compared_with_the_lines_of_now() -> None:
    place = Place(GATED, LineBalance(250.0, 0, 0, EPOCH))
    place.second = 600.0
    place.say(180, age_s=300)
    found = place.step([_sight(60)], line=(0, 0))
    assert "correct the balance" not in found.reading.trust_reason
