"""Which of its numbers is a location's count (docs/methods/locations.md has the table)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.core.locations import ENTRY_SOURCES, CountPart, CountSource
from backend.core.trust import Trust

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_ORDER = tuple(CountSource)

LEAST_DRIFT = 10.0
DRIFT_SHARE = 0.2
"""Lines and cameras that differ by fewer people, or by a smaller share, need no correction."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a location, and how old it is.

    Attributes:
        part: The number.
        known_at: Aware UTC, when its newest part was measured, or said to be true; None where
            that is not known.
    """

    part: CountPart
    known_at: datetime | None

    @property
    def is_live(self) -> bool:
        """It is a number of now."""
        return self.part.trust is not Trust.UNKNOWN

    @property
    def rank_at(self) -> datetime:
        """For telling which of two is newer: long ago where that is not known."""
        return self.known_at or _LONG_AGO


@dataclass(frozen=True, slots=True)
class Numbers:
    """All numbers of one location.

    Attributes:
        camera: Of its cameras; None without.
        line: Of its lines; None without.
        entries: Sent in, the newest of each source; old ones are `unknown`.
        sees_all: The cameras show everybody in it.
    """

    camera: Number | None = None
    line: Number | None = None
    entries: Sequence[Number] = ()
    sees_all: bool = True

    @property
    def measures_all(self) -> bool:
        """The cameras' number is that of the location."""
        camera = self.camera
        return (
            self.sees_all
            and camera is not None
            and camera.part.trust not in (Trust.SATURATED, Trust.UNKNOWN)
        )


def choose(numbers: Numbers) -> Number | None:
    """Return the number that is the location's count; None where there is none.

    - Cameras that see everybody measure it, and a number in force that was sent in can only
      raise it.
    - Otherwise it is the largest of the cameras', the lines' and those sent in.
    - What cameras or lines last measured before they were lost stands among them until somebody
      sends in a newer number: nobody is gone because nobody looks.
    - With nothing live left it is what was known last, `unknown`.
    """
    said = [entry for entry in numbers.entries if entry.is_live]
    if numbers.measures_all and numbers.camera is not None:
        return _largest([numbers.camera, *said])
    measured = [number for number in (numbers.camera, numbers.line) if number is not None]
    newest = max((entry.rank_at for entry in numbers.entries), default=_LONG_AGO)
    standing = [number for number in measured if number.is_live or number.rank_at > newest]
    if standing or said:
        return _largest([*standing, *said])
    return max([*measured, *numbers.entries], key=lambda number: number.rank_at, default=None)


def _largest(numbers: Iterable[Number]) -> Number:
    """The largest; among equals a live one, then in the order of `CountSource`."""
    return max(
        numbers,
        key=lambda one: (one.part.count, one.is_live, -_ORDER.index(one.part.source)),
    )


def interval_of(used: Number, numbers: Numbers) -> tuple[float, float | None]:
    """Return the 90 % interval of the location's count; no upper end = "at least".

    It is that of the number used, with two exceptions. Cameras that see only a part say nothing
    of how many are elsewhere. And where a number sent in raises what cameras measure, their
    interval goes on above it.
    """
    low, high = used.part.count_low, used.part.count_high
    camera = numbers.camera
    if camera is None:
        return low, high
    if used is camera:
        return low, high if numbers.sees_all else None
    if camera.is_live:
        low = min(max(low, camera.part.count_low), used.part.count)
    if numbers.measures_all and high is not None:
        top = camera.part.count_high
        high = None if top is None else max(high, top)
    return low, high


def reason_of(used: Number, numbers: Numbers) -> str:
    """Say what the location's count is worth, and what the cameras count where it is another."""
    reasons = [used.part.trust_reason]
    camera = numbers.camera
    if used is camera and not numbers.sees_all:
        reasons.append("The cameras see only a part of the place.")
    if camera is not None and used is not camera and camera.is_live:
        least = "" if camera.part.count_high is not None else " at least"
        reasons.append(f"The cameras count{least} {camera.part.count:.0f}.")
    return " ".join(reason for reason in reasons if reason)


def balance_notice(line: CountPart, camera: CountPart | None, *, sees_all: bool) -> str:
    """Say that lines and cameras cannot both be right; empty where they may be.

    Their intervals must not meet, and the numbers must lie 10 people and a fifth apart: below
    that nobody need walk to a gate.
    """
    if camera is None or Trust.UNKNOWN in (camera.trust, line.trust):
        return ""
    apart = abs(camera.count - line.count)
    if apart < max(LEAST_DRIFT, DRIFT_SHARE * max(camera.count, line.count)):
        return ""
    is_more = camera.count_high is not None and line.count_low > camera.count_high and sees_all
    is_less = line.count_high is not None and line.count_high < camera.count_low
    if not (is_more or is_less):
        return ""
    return (
        f"The cameras count {camera.count:.0f}, the lines say {line.count:.0f}: the balance has "
        "drifted; correct it."
    )


def entry_notice(line: CountPart, entry: CountPart, balance_then: float) -> str:
    """Say that the lines and a number sent in cannot both be right; empty where they may be.

    Args:
        line: The lines' number now.
        entry: The number, in force.
        balance_then: What the lines said when it came in: who has passed since is in the one
            and not in the other.

    Example:
        >>> line = CountPart(CountSource.LINE, 210, 200, 220, Trust.ESTIMATED)
        >>> entry = CountPart(CountSource.MANUAL, 180, 180, 180, Trust.ESTIMATED)
        >>> entry_notice(line, entry, balance_then=210)
        'The lines said 210, 180 was sent in: correct the balance.'
        >>> entry_notice(line, entry, balance_then=180)
        ''
    """
    if entry.source not in ENTRY_SOURCES or line.trust is Trust.UNKNOWN:
        return ""
    since = line.count - balance_then
    is_less = entry.count < line.count_low - since
    is_more = line.count_high is not None and entry.count > line.count_high - since
    if not (is_less or is_more):
        return ""
    return f"The lines said {balance_then:.0f}, {entry.count:.0f} was sent in: correct the balance."
