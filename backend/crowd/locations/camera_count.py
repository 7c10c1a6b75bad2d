"""One count from all areas of a location that cameras see (docs/methods/locations.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from backend.core.calibration import Point
from backend.core.locations import AreaRef, AreaShare, AreaSight, CountPart, CountSource
from backend.core.trust import Trust, worst_trust
from backend.crowd.locations.shared_ground import GroundPlan

NEVER_SEEN = AreaSight(0.0, 0.0, None, Trust.UNKNOWN, "It has not been seen yet.", is_counted=False)
"""What is known of an area nobody has a number of."""

STANDS = "the last count stands."


@dataclass(frozen=True, slots=True)
class CameraCount:
    """What the cameras of a location count together.

    Attributes:
        part: Their number; None where none of the areas was ever seen.
        shares: What each area adds, in the location's order; they sum to the number.
        seen: Areas that are seen now.
        change_margin: By how much the number of the areas seen now may be too low, people: what
            a change is compared with. None where one of them has no upper end.
        drawn: Corners of the areas seen now, in the location's order.
        is_whole: Every area has been counted since the start; otherwise there may be many more.
    """

    part: CountPart | None
    shares: tuple[AreaShare, ...]
    seen: frozenset[AreaRef]
    change_margin: float | None
    is_whole: bool = True
    drawn: tuple[tuple[Point, ...], ...] = ()


def count_areas(plan: GroundPlan, sights: Mapping[AreaRef, AreaSight]) -> CameraCount:
    """Count everybody in a location's areas once, with a 90 % interval.

    An area that is not seen now keeps its last count: a place is never emptier because a camera
    was lost. But nobody knows who is there, so the lower end goes without it and there is no
    upper end.

    Args:
        plan: Areas of the location, and the ground that several of them show.
        sights: What is known of its areas and zones; one that is missing was never seen.

    Returns:
        The number, and what each area adds to it.

    Example:
        >>> a, b = AreaRef(1), AreaRef(2)
        >>> found = count_areas(GroundPlan([a, b]), {
        ...     a: AreaSight(40, 36, 43, Trust.OK), b: AreaSight(20, 17, 24, Trust.OK)})
        >>> found.part.count, found.part.count_low, found.part.count_high
        (60.0, 55.0, 65.0)
    """
    known = [sights.get(area, NEVER_SEEN) for area in plan.areas]
    zones = [sights.get(zone, NEVER_SEEN) for zone in plan.zones]
    counted = plan.count_once(_counts(known), _counts(zones))
    is_seen = [sight.trust is not Trust.UNKNOWN for sight in known]
    seen = plan.everywhere
    if not all(is_seen):
        seen = frozenset(area for area, is_now in zip(plan.areas, is_seen, strict=True) if is_now)
    change = _margin_up(plan, known, counted)
    shares = tuple(map(_share_of, plan.areas, known, counted))
    is_whole = all(sight.is_counted for sight in known)
    if not any(sight.is_counted for sight in known):
        return CameraCount(None, shares, seen, change, is_whole)
    count = fsum(counted)
    low = 0.0
    if seen:
        now = counted if all(is_seen) else plan.count_once(_counts_now(known), _counts_now(zones))
        low = _low_end(plan, known, now)
    trust, reason = _trust_of(known, seen=len(seen))
    is_bounded = all(is_seen) and change is not None
    part = CountPart(
        CountSource.CAMERA,
        count,
        count_low=min(low, count),
        count_high=count + change if is_bounded and change is not None else None,
        trust=trust,
        trust_reason=reason,
    )
    drawn = tuple(sight.corners for sight, is_now in zip(known, is_seen, strict=True) if is_now)
    return CameraCount(part, shares, seen, change, is_whole, drawn)


def _counts(sights: Iterable[AreaSight]) -> list[float]:
    return [max(sight.count, 0.0) for sight in sights]


def _counts_now(sights: Iterable[AreaSight]) -> list[float]:
    return [0.0 if sight.trust is Trust.UNKNOWN else max(sight.count, 0.0) for sight in sights]


def _share_of(area: AreaRef, sight: AreaSight, counted: float) -> AreaShare:
    return AreaShare(
        area,
        count=sight.count,
        counted=counted,
        trust=sight.trust,
        trust_reason=sight.trust_reason,
        risk_level=sight.risk_level,
        peak_density_per_m2=sight.peak_density_per_m2,
    )


def _low_end(plan: GroundPlan, known: Sequence[AreaSight], counted: Sequence[float]) -> float:
    """People who are there for certain: of the areas seen now alone."""
    down = [
        0.0
        if sight.trust is Trust.UNKNOWN
        else _part_of_margin(sight, own) * max(sight.count - sight.count_low, 0.0)
        for sight, own in zip(known, counted, strict=True)
    ]
    proven = max(sight.count_low for sight in known if sight.trust is not Trust.UNKNOWN)
    return max(fsum(counted) - _joined(plan, down), proven, 0.0)


def _margin_up(
    plan: GroundPlan, known: Sequence[AreaSight], counted: Sequence[float]
) -> float | None:
    margins = []
    for sight, own in zip(known, counted, strict=True):
        if sight.trust is Trust.UNKNOWN:
            margins.append(0.0)
            continue
        if sight.count_high is None or sight.trust is Trust.SATURATED:
            return None
        margins.append(_part_of_margin(sight, own) * max(sight.count_high - sight.count, 0.0))
    return _joined(plan, margins)


def _part_of_margin(sight: AreaSight, counted: float) -> float:
    """Share of an area's margin that the people of it who are counted here carry.

    The part of the error that is each person's own falls with the root of their number, the
    part all share with the number itself: the root is the wider of the two.
    """
    if sight.count <= 0 or counted >= sight.count:
        return 1.0
    return math.sqrt(counted / sight.count)


def _joined(plan: GroundPlan, margins: Sequence[float]) -> float:
    """Margins of one camera add up, for it errs everywhere alike; those of several by squares."""
    together = [sum([margins[at] for at in own]) for own in plan.cameras]
    return math.hypot(*together)


def _trust_of(known: Sequence[AreaSight], *, seen: int) -> tuple[Trust, str]:
    missing = len(known) - seen
    never = sum(not sight.is_counted for sight in known)
    uncounted = ""
    if never:
        has = "has" if never == 1 else "have"
        uncounted = (
            f"{never} of {len(known)} areas {has} not been seen since the start: who is there is "
            "not counted."
        )
    if not seen:
        none = "The only area is not" if missing == 1 else f"None of the {missing} areas is"
        return Trust.UNKNOWN, f"{none} seen now: {STANDS} {uncounted}".strip()
    worst = worst_trust({sight.trust for sight in known} - {Trust.UNKNOWN})
    reasons = [uncounted] if uncounted else []
    if lost := missing - never:
        verb = "is" if lost == 1 else "are"
        reasons.append(f"{lost} of {len(known)} areas {verb} not seen now: {STANDS}")
    if worst is not Trust.OK:
        alike = [sight for sight in known if sight.trust is worst]
        reasons.append(_reason_of(alike[0].trust_reason, len(alike), len(known)))
    trust = worst_trust((worst, Trust.DEGRADED)) if missing else worst
    return trust, " ".join(reason for reason in reasons if reason)


def _reason_of(reason: str, areas: int, total: int) -> str:
    if total == 1 or not reason:
        return reason
    return f"{areas} of {total} areas: {reason}"
