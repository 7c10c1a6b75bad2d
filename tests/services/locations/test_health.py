"""Health of the watch of all locations."""

from __future__ import annotations

import pytest

from backend.services.health import HealthState
from backend.services.locations.health import LocationHealth, WatchStats

WELL = {
    "locations": 3,
    "rounds": 9,
    "failures": 0,
    "load_failures": 0,
    "unwritten": 0,
    "lost": 0,
    "write_failures": 0,
    "is_running": True,
}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, HealthState.OK, "3 watched"),
        ({"is_running": False}, HealthState.FAILED, "restart CrowdSafe"),
        ({"load_failures": 1}, HealthState.FAILED, "cannot be read"),
        ({"write_failures": 1, "unwritten": 7}, HealthState.FAILED, "7 minutes wait"),
        ({"lost": 2}, HealthState.DEGRADED, "2 minutes"),
        ({"failures": 4}, HealthState.DEGRADED, "4 times"),
    ],
)
def test_what_is_not_well_is_said(changes: dict[str, int], state: HealthState, words: str) -> None:
    stats = WatchStats(**(WELL | changes))
    (check,) = LocationHealth(stats=lambda: stats, is_running=lambda: True).check_locations()
    assert (check.name, check.status) == ("locations", state)
    assert words in check.reason


def test_before_the_start_nothing_is_amiss() -> None:
    stats = WatchStats(**(WELL | {"is_running": False}))
    (check,) = LocationHealth(stats=lambda: stats, is_running=lambda: False).check_locations()
    assert check.status is HealthState.OK
