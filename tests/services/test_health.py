"""Each ill is said in a sentence, and the worst of them is the state of all."""

from __future__ import annotations

from collections.abc import Iterator

from backend.services.health import Check, HealthCheck, HealthState, examine


def saying(name: str, status: HealthState) -> Check:
    return lambda: [HealthCheck(name, status)]


def test_the_worst_is_the_state_of_all() -> None:
    found = examine([saying("a", HealthState.OK), saying("b", HealthState.DEGRADED)])
    assert found.status is HealthState.DEGRADED
    found = examine([saying("a", HealthState.FAILED), saying("b", HealthState.DEGRADED)])
    assert found.status is HealthState.FAILED
    assert examine([]).status is HealthState.OK


def test_a_part_that_cannot_be_asked_has_failed() -> None:
    def check_disk() -> Iterator[HealthCheck]:
        raise OSError("gone")
        yield

    found = examine([check_disk, saying("b", HealthState.OK)])
    assert found.status is HealthState.FAILED
    assert found.checks[0].name == "disk"
    assert found.checks[1].status is HealthState.OK
