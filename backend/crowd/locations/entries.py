"""Numbers that were sent in: which of them count now (docs/methods/locations.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from backend.core.duration import age_words
from backend.core.locations import ENTRY_SOURCES, CountEntry, CountPart, CountSource
from backend.core.trust import Trust
from backend.crowd.surge import Surge, compute_surge

CLOCK_SKEW = timedelta(seconds=30)
"""By how much another system's clock may be ahead; what is said of a later time waits for it."""

SPIKE_LASTS_S = 300.0
"""For how long a rise between two numbers is one of now; a third of the time they count at most,
so that the last of them expires as that of a calm place."""

_WHO = {
    CountSource.MANUAL: "Typed in by a person.",
    CountSource.API: "Sent by another system.",
    CountSource.EDGE: "Sent by a device that counts by itself.",
}


def is_in_force(entry: CountEntry, valid_s: float, *, at: datetime) -> bool:
    """Whether a number counts now: true by now, and no older than ``valid_s`` seconds."""
    age = at - entry.at
    return -CLOCK_SKEW <= age <= timedelta(seconds=valid_s)


def newest_of_each(
    entries: Iterable[CountEntry], *, at: datetime
) -> dict[CountSource, tuple[CountEntry, ...]]:
    """Entries that are true by now, of each source the newest first, in the sources' order."""
    told = sorted(
        (entry for entry in entries if entry.at - at <= CLOCK_SKEW),
        key=lambda entry: entry.at,
        reverse=True,
    )
    found = {source: tuple(e for e in told if e.source is source) for source in ENTRY_SOURCES}
    return {source: numbers for source, numbers in found.items() if numbers}


def entry_part(
    entry: CountEntry, valid_s: float, *, at: datetime, corrected_at: datetime | None = None
) -> CountPart:
    """Return a number sent in as one of a location's numbers.

    What somebody said has no interval that anybody knows of: both ends are the number itself,
    and it is `estimated`. Once it has expired it is `unknown`.

    Args:
        entry: The number.
        valid_s: How long it counts, seconds.
        at: Now, aware UTC.
        corrected_at: When the balance of the lines was last corrected: people were counted anew
            then, and what was sent in before is old.
    """
    count = max(entry.count, 0.0)
    trust, reason = Trust.ESTIMATED, _WHO[entry.source]
    if not is_in_force(entry, valid_s, at=at):
        trust = Trust.UNKNOWN
        reason = f"{reason} It has expired: such a number counts for {age_words(valid_s)}."
    elif corrected_at is not None and entry.at < corrected_at <= at + CLOCK_SKEW:
        trust = Trust.UNKNOWN
        reason = f"{reason} The balance of the lines has been corrected since."
    return CountPart(
        entry.source, count, count, count, trust=trust, trust_reason=reason, at=entry.at
    )


def compute_spike(numbers: tuple[CountEntry, ...], valid_s: float, *, at: datetime) -> Surge | None:
    """Change between the two newest numbers of one source.

    Args:
        numbers: Of one source, newest first.
        valid_s: How long a number counts, seconds.
        at: Now, aware UTC.

    Returns:
        None where the newest came some minutes ago, or the one before had expired when the
        newest was true: there is nothing to compare it with.

    Example:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
        >>> sent = (CountEntry(CountSource.API, 80, noon),
        ...         CountEntry(CountSource.API, 50, noon - timedelta(minutes=5)))
        >>> compute_spike(sent, 900.0, at=noon)
        Surge(relative=0.6, is_significant=True)
    """
    if len(numbers) < 2 or not is_in_force(numbers[0], valid_s, at=at):
        return None
    newest, before = numbers[:2]
    if at - newest.at > timedelta(seconds=min(SPIKE_LASTS_S, valid_s / 3)):
        return None
    if not is_in_force(before, valid_s, at=newest.at):
        return None
    return compute_surge(newest.count, before.count, margin=0.0)
