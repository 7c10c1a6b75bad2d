"""Ground that several cameras see: its people are counted once (docs/methods/locations.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import fsum
from typing import TypeAlias

from backend.core.locations import AreaRef, Overlap

SharedGround: TypeAlias = tuple[AreaRef, ...]
"""All areas that show one piece of ground."""


def area_counted_in(area: AreaRef, members: Collection[AreaRef]) -> AreaRef | None:
    """Return the area of a location that holds this one: itself, or its camera's whole picture.

    Returns:
        None where the location has neither.
    """
    if area in members:
        return area
    whole = AreaRef(area.camera_id)
    return whole if whole in members else None


def shared_grounds(
    members: Collection[AreaRef], overlaps: Collection[Overlap]
) -> tuple[SharedGround, ...]:
    """Join overlaps that have an area in common: what is the same as the same is the same.

    Areas the location does not have are left out. So is a zone of a picture that as a whole is
    the same ground as another area: where its people are counted is decided by that.

    Args:
        members: Areas of the location.
        overlaps: As people declared them.

    Returns:
        Grounds no two of which have an area in common, each seen by two cameras or more.

    Example:
        >>> a, b, c = AreaRef(1), AreaRef(2), AreaRef(3)
        >>> shared_grounds([a, b, c], [Overlap((a, b)), Overlap((b, c))]) == ((a, b, c),)
        True
    """
    declared = [area for overlap in overlaps for area in overlap.areas]
    wholes = {area for area in declared if area_counted_in(area, members) == area}
    grounds: list[set[AreaRef]] = []
    for overlap in overlaps:
        ground = {area for area in overlap.areas if _is_usable(area, members, wholes)}
        apart = [known for known in grounds if not known & ground]
        for known in grounds:
            if known & ground:
                ground |= known
        grounds = [*apart, ground]
    ordered = (tuple(sorted(ground)) for ground in grounds)
    return tuple(sorted(g for g in ordered if len({area.camera_id for area in g}) > 1))


def _is_usable(area: AreaRef, members: Collection[AreaRef], wholes: set[AreaRef]) -> bool:
    holder = area_counted_in(area, members)
    return holder is not None and (holder == area or holder not in wholes)


def count_once(
    counts: Mapping[AreaRef, float],
    parts: Mapping[AreaRef, float],
    grounds: Iterable[SharedGround],
) -> dict[AreaRef, float]:
    """Share out the people of all areas, those on shared ground to the camera that sees most.

    ``sum of shares = sum of counts - sum over grounds(sum of its cameras' counts - the largest
    of them)``; never below the largest count, never above their sum. More people in an area, or
    in an area and a zone of it, never make the sum smaller. Zones of one camera on shared ground
    are taken to hold different people.

    Args:
        counts: People of each area of the location, >= 0.
        parts: People in those zones on shared ground that are no area themselves, >= 0.
        grounds: From `shared_grounds`.

    Returns:
        What each area adds, in [0, its count].

    Example:
        >>> left, right = AreaRef(1), AreaRef(2)
        >>> count_once({left: 30, right: 40}, {}, [(left, right)]) == {left: 0, right: 40}
        True
        >>> seen = {AreaRef(1, 7): 10, AreaRef(2, 8): 12}
        >>> shares = count_once({left: 30, right: 40}, seen, [tuple(seen)])
        >>> shares[left], shares[right]
        (20.0, 40.0)
    """
    grounds = tuple(grounds)
    within = _parts_within(counts, parts, grounds)
    taken: dict[AreaRef, list[float]] = {area: [] for area in counts}
    for ground in grounds:
        by_camera: dict[int, float] = {}
        for area in ground:
            by_camera[area.camera_id] = by_camera.get(area.camera_id, 0.0) + within[area]
        # the smaller id among equals, so that nobody's share hangs on an order
        most = min(by_camera, key=lambda camera: (-by_camera[camera], camera))
        for area in ground:
            holder = area_counted_in(area, counts)
            if area.camera_id != most and holder is not None:
                taken[holder].append(within[area])
    return {area: max(count - fsum(taken[area]), 0.0) for area, count in counts.items()}


def _parts_within(
    counts: Mapping[AreaRef, float],
    parts: Mapping[AreaRef, float],
    grounds: tuple[SharedGround, ...],
) -> dict[AreaRef, float]:
    """People of every area on shared ground; zones together hold no more than their picture.

    A zone may be read a moment before or after its picture.
    """
    within: dict[AreaRef, float] = {}
    zones: dict[AreaRef, list[AreaRef]] = {}
    for area in (area for ground in grounds for area in ground):
        if area in counts:
            within[area] = counts[area]
        else:
            zones.setdefault(AreaRef(area.camera_id), []).append(area)
            within[area] = parts.get(area, 0.0)
    for whole, inside in zones.items():
        total = fsum(within[zone] for zone in inside)
        if total > counts[whole]:
            for zone in inside:
                within[zone] *= counts[whole] / total
    return within
