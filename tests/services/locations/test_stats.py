"""Statistics of a location: the venue's hours, what is missing stays missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.db.location_store import MinuteCounts
from backend.services.locations.stats import StatsView, compute_stats

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def minute(at: datetime, mean: float, *, seconds: int = 60, spread: float = 0.0) -> MinuteCounts:
    return MinuteCounts(at, mean - spread, mean, mean + spread, seconds)


def stats(*minutes: MinuteCounts, until: datetime = NOON, hours: int = 24) -> StatsView:
    since = until - timedelta(hours=hours)
    return compute_stats(minutes, since=since, until=until, zone=BERLIN)


def test_nothing_known_is_not_nobody() -> None:
    found = stats()
    assert (found.known_seconds, found.count_min, found.count_mean, found.count_max) == (
        0,
        None,
        None,
        None,
    )
    assert (found.peak_hour, found.minutes) == (None, ())
    assert len(found.hours) == 24
    assert all(hour.count_mean is None and hour.known_seconds == 0 for hour in found.hours)
    assert found.time_zone == "Europe/Berlin"


def test_means_are_weighted_by_what_is_known() -> None:
    found = stats(
        minute(NOON - timedelta(minutes=3), 100, seconds=60, spread=10),
        minute(NOON - timedelta(minutes=2), 40, seconds=20),
        minute(NOON - timedelta(minutes=1), 999, seconds=0),
    )
    assert (found.known_seconds, found.count_min, found.count_max) == (80, 40, 110)
    assert found.count_mean == pytest.approx((100 * 60 + 40 * 20) / 80)
    last = found.hours[-1]
    assert (last.known_seconds, last.count_mean) == (80, found.count_mean)
    assert [point[0] for point in found.minutes] == [
        NOON - timedelta(minutes=3),
        NOON - timedelta(minutes=2),
    ]
    assert found.minutes[0][1:] == (100, 90, 110)


def test_two_rows_of_one_minute_are_one_point() -> None:
    at = NOON - timedelta(minutes=5)
    found = stats(minute(at, 10, seconds=20), minute(at, 40, seconds=10))
    assert found.minutes == ((at, 20.0, 10, 40),)


def test_hours_are_the_venues() -> None:
    found = stats(minute(NOON - timedelta(minutes=1), 5), hours=2)
    assert [hour.start.isoformat() for hour in found.hours] == [
        "2026-06-01T12:00:00+02:00",
        "2026-06-01T13:00:00+02:00",
    ]
    half = ZoneInfo("Asia/Kolkata")
    shifted = compute_stats([], since=NOON - timedelta(hours=1), until=NOON, zone=half)
    assert [hour.start.isoformat() for hour in shifted.hours] == [
        "2026-06-01T16:00:00+05:30",
        "2026-06-01T17:00:00+05:30",
    ]


@pytest.mark.parametrize(
    ("until", "faces"),
    [
        (datetime(2026, 10, 25, 3, tzinfo=UTC), ["01+02", "02+02", "02+01", "03+01"]),
        (datetime(2026, 3, 29, 3, tzinfo=UTC), ["00+01", "01+01", "03+02", "04+02"]),
    ],
    ids=["set back", "put forward"],
)
def test_hours_on_the_night_the_clocks_change(until: datetime, faces: list[str]) -> None:
    at = [until - timedelta(minutes=60 * hour + 30) for hour in range(4)]
    found = stats(*(minute(one, number) for number, one in enumerate(at)), until=until, hours=4)
    assert [
        hour.start.isoformat()[11:13] + hour.start.isoformat()[19:22] for hour in found.hours
    ] == faces
    assert [hour.count_mean for hour in found.hours] == [3, 2, 1, 0], "each hour keeps its own"


def test_a_zone_that_moves_by_half_an_hour_loses_no_minute() -> None:
    howe = ZoneInfo("Australia/Lord_Howe")
    until = datetime(2026, 4, 4, 18, tzinfo=UTC)
    minutes = [minute(until - timedelta(minutes=n), 1) for n in range(1, 360)]
    found = compute_stats(minutes[::-1], since=until - timedelta(hours=6), until=until, zone=howe)
    assert sum(hour.known_seconds for hour in found.hours) == 359 * 60


def test_the_busiest_hour_must_be_known_for_a_while() -> None:
    full = [minute(NOON - timedelta(hours=3, minutes=-n), 50) for n in range(10)]
    glimpse = [minute(NOON - timedelta(hours=1, minutes=-n), 500) for n in range(9)]
    peak = stats(*full, *glimpse).peak_hour
    assert peak is not None
    assert (peak.start, peak.count_mean) == (NOON - timedelta(hours=3), 50)
    assert stats(*glimpse).peak_hour is None


def test_a_week_is_no_more_points_than_a_day() -> None:
    week = [minute(NOON - timedelta(minutes=n), n % 7) for n in range(7 * 1440, 0, -1)]
    found = stats(*week, hours=168)
    assert len(found.minutes) == 1440
    assert found.minutes[0][0] == NOON - timedelta(days=7)
    assert {point[1:] for point in found.minutes} == {(3.0, 0, 6)}
    assert found.known_seconds == 7 * 86_400
    assert len(found.hours) == 168
