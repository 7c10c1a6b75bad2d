"""Ground that several cameras see: its people are counted once (docs/methods/locations.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """One area on shared ground: whose camera, where its count stands, what it is taken off."""

    camera_id: int
    at: int
    holder: int


class GroundPlan:
    """Who is counted where, worked out once for a location's areas and overlaps.

    Args:
        areas: Areas of the location, no two alike.
        overlaps: As people declared them.

    Attributes:
        areas: As given.
        everywhere: The same, for asking whether one is among them.
        grounds: Ground that several of them show.
        zones: Zones on shared ground that are no area themselves but part of one.
        cameras: Positions of the areas of each camera.
    """

    def __init__(self, areas: Iterable[AreaRef], overlaps: Collection[Overlap] = ()) -> None:
        self.areas = tuple(areas)
        self.everywhere = frozenset(self.areas)
        place = {area: at for at, area in enumerate(self.areas)}
        self.grounds = grounds = shared_grounds(place, overlaps)
        self.zones = tuple(area for ground in grounds for area in ground if area not in place)
        place_all = place | {zone: len(place) + at for at, zone in enumerate(self.zones)}
        self._grounds = tuple(
            tuple(
                _Piece(area.camera_id, place_all[area], place.get(area, -1))
                if area in place
                else _Piece(area.camera_id, place_all[area], place[AreaRef(area.camera_id)])
                for area in ground
            )
            for ground in grounds
        )
        by_camera: dict[int, list[int]] = {}
        for at, area in enumerate(self.areas):
            by_camera.setdefault(area.camera_id, []).append(at)
        self.cameras = tuple(tuple(positions) for positions in by_camera.values())
        by_picture: dict[int, list[int]] = {}
        for at, zone in enumerate(self.zones):
            by_picture.setdefault(place[AreaRef(zone.camera_id)], []).append(len(place) + at)
        self._pictures = tuple((whole, tuple(inside)) for whole, inside in by_picture.items())

    def count_once(self, counts: Sequence[float], in_zones: Sequence[float] = ()) -> list[float]:
        """Share out the people of all areas, those on shared ground to the camera that sees most.

        ``sum of shares = sum of counts - sum over grounds(sum of its cameras' counts - the
        largest of them)``; never below the largest count, never above their sum. More people in
        an area, or in an area and a zone of it, never make the sum smaller. Zones of one camera
        on shared ground are taken to hold different people.

        Args:
            counts: People of each of `areas`, >= 0.
            in_zones: People of each of `zones`, >= 0.

        Returns:
            What each area adds, in [0, its count].

        Example:
            >>> left, right = AreaRef(1), AreaRef(2)
            >>> GroundPlan([left, right], [Overlap((left, right))]).count_once([30, 40])
            [0.0, 40.0]
            >>> door = Overlap((AreaRef(1, 7), AreaRef(2, 8)))
            >>> GroundPlan([left, right], [door]).count_once([30, 40], [10, 12])
            [20.0, 40.0]
        """
        seen = [*counts, *in_zones]
        # a zone may be read a moment before or after its picture, which holds it all the same
        for whole, inside in self._pictures:
            total = fsum(seen[at] for at in inside)
            if total > seen[whole]:
                for at in inside:
                    seen[at] *= seen[whole] / total
        left = [float(count) for count in counts]
        for ground in self._grounds:
            most = _sees_most(ground, seen)
            for piece in ground:
                if piece.camera_id != most:
                    left[piece.holder] = max(left[piece.holder] - seen[piece.at], 0.0)
        return left


def _sees_most(ground: tuple[_Piece, ...], seen: Sequence[float]) -> int:
    """Return the camera that sees most people there; among equals the smaller id."""
    by_camera: dict[int, float] = {}
    for piece in ground:
        by_camera[piece.camera_id] = by_camera.get(piece.camera_id, 0.0) + seen[piece.at]
    return min(by_camera, key=lambda camera: (-by_camera[camera], camera))
