"""What was known of locations, from the table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.core.errors import InvalidInputError, NotFoundError
from backend.services.locations.draft import LocationDraft
from backend.services.metrics import TimeRange
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN
from tests.services.locations.location_world import LocationWorld, minute, reading


@pytest.fixture
def hall(world: LocationWorld) -> int:
    """A location of which three minutes are known, beside another one."""
    hall = world.service.create(ADMIN, LocationDraft(name="Hall", capacity=50)).id
    other = world.service.create(ADMIN, LocationDraft(name="Other")).id
    world.log_minutes(
        hall,
        minute(EPOCH - timedelta(hours=30), 70),
        minute(EPOCH - timedelta(hours=5), 10),
        minute(EPOCH - timedelta(minutes=1), 30, seconds=30, source="LINE", trust="degraded"),
    )
    world.log_minutes(other, minute(EPOCH - timedelta(minutes=2), 999))
    return hall


def test_statistics_are_of_the_hours_asked_for(world: LocationWorld, hall: int) -> None:
    day = world.service.records.stats(hall, 24)
    assert (day.since, day.until) == (EPOCH - timedelta(hours=24), EPOCH)
    assert (day.known_seconds, day.count_min, day.count_max) == (90, 10, 30)
    assert day.hours[0].start.tzinfo is not None
    assert world.service.records.stats(hall, 1).known_seconds == 30
    assert world.service.records.stats(hall, 168).count_max == 70


def test_what_cannot_be_asked(world: LocationWorld, hall: int) -> None:
    for hours in (0, 169):
        with pytest.raises(InvalidInputError) as refused:
            world.service.records.stats(hall, hours)
        assert [problem.pointer for problem in refused.value.problems] == ["/hours"]
    with pytest.raises(NotFoundError):
        world.service.records.stats(99, 24)
    with pytest.raises(NotFoundError):
        world.service.records.series(99, TimeRange(), page=1, per_page=10)
    with pytest.raises(InvalidInputError):
        world.service.records.series(hall, TimeRange(EPOCH, EPOCH), page=1, per_page=10)


def test_a_series_is_of_the_last_hour_unless_told(world: LocationWorld, hall: int) -> None:
    world.watch.known = {hall: reading(hall, 31.0)}
    found = world.service.records.series(hall, TimeRange(), page=1, per_page=10)
    assert found.numbers is not None
    assert (found.location_id, found.numbers.current_count) == (hall, 31.0)
    assert found.numbers.capacity_limit == 50
    (last,) = found.minutes.items
    assert (last.count_mean, last.seconds, last.source, last.trust) == (30, 30, "LINE", "degraded")
    whole = TimeRange(EPOCH - timedelta(days=9), EPOCH)
    pages = [
        world.service.records.series(hall, whole, page=page, per_page=2).minutes for page in (1, 2)
    ]
    assert [one.count_mean for page in pages for one in page.items] == [70, 10, 30]
    assert pages[0].total == 3
