"""Trust states: how far a published number may be believed."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Trust(StrEnum):
    """Trust state of a number, best first (CROWD-SCIENCE section 5)."""

    OK = "ok"
    ESTIMATED = "estimated"
    DEGRADED = "degraded"
    SATURATED = "saturated"
    UNKNOWN = "unknown"


_ORDER = tuple(Trust)


def worst_trust(states: Iterable[Trust]) -> Trust:
    """Return the least trustworthy of ``states`` (`Trust.OK` when there are none)."""
    return max(states, key=_ORDER.index, default=Trust.OK)
