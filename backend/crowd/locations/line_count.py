"""What the balance of counting lines is worth (docs/methods/locations.md)."""

from __future__ import annotations

import math
from datetime import datetime

from backend.core.duration import age_words
from backend.core.locations import CountPart, CountSource, LineBalance
from backend.core.trust import Trust
from backend.crowd.counting import Z_90

MISSED_SHARE = 0.09
"""Share of passages a line does not count: 8 of 86 on PETS09-S2L1 (docs/methods/line-flow.md)."""

MISSED_SPREAD = 0.08
"""How much that share differs from one direction of a line to another, standard deviation: what
is left of the same six figures' spread after chance is taken out."""

MOST_UNSEEN_SHARE = 0.05
"""Share of the time in which a line was not seen from which on nobody says what the most is."""

FEW_PASSAGES = 3.0
"""Passages that may have been missed where none was seen: 95 % limit of a Poisson number."""


def balance_margin(came: float, went: float) -> float:
    """By how much a balance may be wrong after so many passages: half a 90 % interval, people.

    ``m |in - out| + 1.645 sqrt(s² (in² + out²) + m (1 - m) (in + out))``: one in eleven passages
    is missed (m), which matters as far as more go one way than the other; one direction misses
    more than the other (s), which grows with the passages themselves; and chance.

    Args:
        came, went: Passages into and out of the place, >= 0.

    Example:
        >>> round(balance_margin(300, 90), 1)
        61.2
        >>> balance_margin(0, 0)
        0.0
    """
    uneven = MISSED_SPREAD**2 * (came**2 + went**2)
    chance = MISSED_SHARE * (1 - MISSED_SHARE) * (came + went)
    return MISSED_SHARE * abs(came - went) + Z_90 * math.sqrt(uneven + chance)


def unseen_passages(balance: LineBalance, *, at: datetime) -> float:
    """How many may have passed while a line was not seen: as many a second as otherwise.

    Infinite where lines have never been seen.

    Example:
        >>> from datetime import UTC, timedelta
        >>> since = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
        >>> kept = LineBalance(0, 30, 27, since, unseen_s=60.0)
        >>> unseen_passages(kept, at=since + timedelta(seconds=660))
        6.0
    """
    if balance.unseen_s <= 0:
        return 0.0
    seen_s = (at - balance.since).total_seconds() - balance.unseen_s
    if seen_s <= 0:
        return math.inf
    passages = balance.count_in + balance.count_out + FEW_PASSAGES
    return passages * balance.unseen_s / seen_s


def count_by_lines(balance: LineBalance, *, seen: int, lines: int, at: datetime) -> CountPart:
    """Return the number of people inside by the lines, with a 90 % interval.

    Args:
        balance: In and out since it was last corrected.
        seen: Lines that are seen now.
        lines: Lines there are, >= 1.
        at: Now, aware UTC.

    Returns:
        The number, 0 where more have gone out than were inside. No upper end where a line was
        not seen for more than a twentieth of the time, and where nobody has said how many were
        inside at the beginning. Trust is `unknown` while no line is seen, `degraded` if one was
        not seen since the last correction, if there was none, or if the balance has drifted
        below 0, else `estimated`.
    """
    unseen = unseen_passages(balance, at=at)
    margin = balance_margin(balance.count_in, balance.count_out) + unseen
    elapsed_s = (at - balance.since).total_seconds()
    count = max(balance.count, 0.0)
    is_seen = seen > 0 and balance.unseen_s <= MOST_UNSEEN_SHARE * elapsed_s
    is_bounded = is_seen and balance.is_corrected
    trust, reason = _trust_of(balance, seen=seen, lines=lines, age_s=max(elapsed_s, 0.0))
    return CountPart(
        CountSource.LINE,
        count,
        count_low=max(balance.count - margin, 0.0),
        count_high=max(balance.count + margin, count) if is_bounded else None,
        trust=trust,
        trust_reason=reason,
        at=balance.since,
    )


def _trust_of(balance: LineBalance, *, seen: int, lines: int, age_s: float) -> tuple[Trust, str]:
    reasons = []
    trust = Trust.ESTIMATED
    if not balance.is_corrected:
        trust = Trust.DEGRADED
        reasons.append(
            f"Counted from nobody inside, {age_words(age_s)} ago; nobody has said how many were "
            "there: correct the balance."
        )
    if balance.count < 0:
        trust = Trust.DEGRADED
        reasons.append(
            f"{-balance.count:.0f} more have gone out than were inside: the balance has drifted; "
            "correct it."
        )
    if seen == 0:
        trust = Trust.UNKNOWN
        reasons.append("No line is seen now." if lines > 1 else "The line is not seen now.")
    elif balance.unseen_s > 0:
        trust = Trust.DEGRADED
        missed = age_words(balance.unseen_s)
        reasons.append(f"For {missed} a line was not seen: who passed then is not counted.")
    if not reasons:
        reasons.append(
            f"In less out over the lines since {balance.base:.0f} were inside, {age_words(age_s)} "
            "ago: who is missed there is not counted."
        )
    return trust, " ".join(reasons)
