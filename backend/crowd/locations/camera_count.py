"""One count from all areas of a location that cameras see (docs/methods/locations.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum

from backend.core.locations import (
    AreaRef,
    AreaShare,
    AreaSight,
    CountPart,
    CountSource,
)
from backend.core.trust import Trust, worst_trust
from backend.crowd.locations.shared_ground import SharedGround, count_once

NEVER_SEEN = AreaSight(0.0, 0.0, None, Trust.UNKNOWN, "It has not been seen yet.")
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
    """

    part: CountPart | None
    shares: tuple[AreaShare, ...]
    seen: frozenset[AreaRef]
    change_margin: float | None


def count_areas(
    areas: Iterable[AreaRef],
    grounds: tuple[SharedGround, ...],
    sights: Mapping[AreaRef, AreaSight],
) -> CameraCount:
    """Count everybody in the areas once, with a 90 % interval.

    An area that is not seen now keeps its last count: a place is never emptier because a camera
    was lost. But nobody knows who is there, so the lower end goes without it and there is no
    upper end.

    Args:
        areas: Of the location.
        grounds: Ground that several of them show (`shared_ground.shared_grounds`).
        sights: What is known of the areas, and of zones on shared ground; an area that is
            missing was never seen.

    Returns:
        The number, and what each area adds to it.

    Example:
        >>> a, b = AreaRef(1), AreaRef(2)
        >>> found = count_areas([a, b], (), {
        ...     a: AreaSight(40, 36, 43, Trust.OK), b: AreaSight(20, 17, 24, Trust.OK)})
        >>> found.part.count, found.part.count_low, found.part.count_high
        (60.0, 55.0, 65.0)
    """
    known = {area: sights.get(area, NEVER_SEEN) for area in areas}
    seen = frozenset(area for area, sight in known.items() if sight.trust is not Trust.UNKNOWN)
    shares = _shares(known, sights, grounds)
    change = _margin_up(known, shares, seen)
    listed = tuple(_share_of(area, sight, shares[area]) for area, sight in known.items())
    if not any(area in sights for area in known):
        return CameraCount(None, listed, seen, change)
    trust, reason = _trust_of(known, seen)
    count = fsum(shares.values())
    has_high = len(seen) == len(known) and change is not None and trust is not Trust.SATURATED
    part = CountPart(
        CountSource.CAMERA,
        count,
        count_low=min(_low_end(known, sights, grounds, seen), count),
        count_high=count + change if has_high and change is not None else None,
        trust=trust,
        trust_reason=reason,
    )
    return CameraCount(part, listed, seen, change)


def _shares(
    known: Mapping[AreaRef, AreaSight],
    sights: Mapping[AreaRef, AreaSight],
    grounds: tuple[SharedGround, ...],
) -> dict[AreaRef, float]:
    counts = {area: max(sight.count, 0.0) for area, sight in known.items()}
    parts = {
        area: max(sights[area].count, 0.0)
        for ground in grounds
        for area in ground
        if area not in counts and area in sights
    }
    return count_once(counts, parts, grounds)


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


def _low_end(
    known: Mapping[AreaRef, AreaSight],
    sights: Mapping[AreaRef, AreaSight],
    grounds: tuple[SharedGround, ...],
    seen: frozenset[AreaRef],
) -> float:
    """People who are there for certain: of the areas seen now alone."""
    if not seen:
        return 0.0
    now = {area: sight for area, sight in known.items() if area in seen}
    kept = tuple(g for g in (tuple(a for a in ground if _is_now(a, seen)) for ground in grounds))
    alone = tuple(g for g in kept if len({area.camera_id for area in g}) > 1)
    shares = _shares(now, sights, alone)
    down = {
        area: _part_of_margin(sight, shares[area]) * max(sight.count - sight.count_low, 0.0)
        for area, sight in now.items()
    }
    proven = max(max(sight.count_low, 0.0) for sight in now.values())
    return max(fsum(shares.values()) - _joined(down), proven)


def _is_now(area: AreaRef, seen: frozenset[AreaRef]) -> bool:
    return area in seen or AreaRef(area.camera_id) in seen


def _margin_up(
    known: Mapping[AreaRef, AreaSight],
    shares: Mapping[AreaRef, float],
    seen: frozenset[AreaRef],
) -> float | None:
    margins: dict[AreaRef, float] = {}
    for area in seen:
        sight = known[area]
        if sight.count_high is None or sight.trust is Trust.SATURATED:
            return None
        up = max(sight.count_high - sight.count, 0.0)
        margins[area] = _part_of_margin(sight, shares[area]) * up
    return _joined(margins)


def _part_of_margin(sight: AreaSight, counted: float) -> float:
    """Share of an area's margin that the people of it who are counted here carry.

    The part of the error that is each person's own falls with the root of their number, the
    part all share with the number itself: the root is the wider of the two.
    """
    if sight.count <= 0 or counted >= sight.count:
        return 1.0
    return math.sqrt(counted / sight.count)


def _joined(margins: Mapping[AreaRef, float]) -> float:
    """Margins of one camera add up, for it errs everywhere alike; those of several by squares."""
    by_camera: dict[int, list[float]] = {}
    for area, margin in margins.items():
        by_camera.setdefault(area.camera_id, []).append(margin)
    return math.sqrt(fsum(fsum(own) ** 2 for own in by_camera.values()))


def _trust_of(known: Mapping[AreaRef, AreaSight], seen: frozenset[AreaRef]) -> tuple[Trust, str]:
    missing = len(known) - len(seen)
    if not seen:
        who = "It is" if missing == 1 else f"None of the {missing} areas is"
        return Trust.UNKNOWN, f"{who} {'not ' if missing == 1 else ''}seen now: {STANDS}"
    worst = worst_trust(known[area].trust for area in seen)
    reasons = []
    if missing:
        verb = "is" if missing == 1 else "are"
        reasons.append(f"{missing} of {len(known)} areas {verb} not seen now: {STANDS}")
    if worst is not Trust.OK:
        alike = [sight for sight in known.values() if sight.trust is worst]
        reasons.append(_reason_of(alike[0].trust_reason, len(alike), len(known)))
    trust = worst_trust((worst, Trust.DEGRADED)) if missing else worst
    return trust, " ".join(reason for reason in reasons if reason)


def _reason_of(reason: str, areas: int, total: int) -> str:
    if total == 1 or not reason:
        return reason
    return f"{areas} of {total} areas: {reason}"
