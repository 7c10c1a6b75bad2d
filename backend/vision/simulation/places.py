"""Where the scenarios take place: ground, walls, ways in and out, in metres.

The ground's origin is the foot of the camera's mast, x to the right, y away from it. Whoever is
outside ``seen`` is out of the picture or behind a wall.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from backend.core.calibration import Point
from backend.vision.simulation.mast_camera import MastCamera

Outline: TypeAlias = tuple[Point, ...]
"""Corners of a polygon in order, metres."""


class WallKind(StrEnum):
    """What a wall looks like."""

    FACADE = "facade"
    FENCE = "fence"
    BARRIER = "barrier"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle on the ground, metres."""

    west: float
    south: float
    east: float
    north: float

    @property
    def outline(self) -> Outline:
        """Its corners."""
        return (
            (self.west, self.south),
            (self.east, self.south),
            (self.east, self.north),
            (self.west, self.north),
        )


@dataclass(frozen=True, slots=True)
class Wall:
    """Something upright that is drawn.

    Attributes:
        kind: How it looks.
        path: Its foot on the ground, metres.
        height_m: Metres.
        is_gate: Drawn only while the gates are shut.
        is_foreground: Between the camera and the people.
    """

    kind: WallKind
    path: Outline
    height_m: float
    is_gate: bool = False
    is_foreground: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One scenario's ground.

    Attributes:
        camera: Where it is seen from.
        walkable: What people can walk on, also outside the picture.
        seen: Part of it in which people are in the picture and not behind a wall.
        monitored: Monitored and walkable area of the calibration; within ``seen``.
        entries: Where people come from, by name; out of sight.
        exits: Where they go to, by name; out of sight.
        walls: From far to near.
        doors: Openings in a facade: left and right foot on the ground, metres.
        shut: Walkable ground while the gates are shut; None where there are no gates.
    """

    camera: MastCamera
    walkable: Outline
    seen: Outline
    monitored: Outline
    entries: Mapping[str, Rect]
    exits: Mapping[str, Rect]
    walls: tuple[Wall, ...] = ()
    doors: tuple[tuple[Point, Point], ...] = ()
    shut: Outline | None = None


_SQUARE_SEEN: Outline = ((-7.1, 8.2), (7.1, 8.2), (15.0, 25.4), (-15.0, 25.4))
_SQUARE_MONITORED: Outline = ((-6.8, 8.5), (6.8, 8.5), (13.8, 24.6), (-13.8, 24.6))
_SQUARE_WAYS: Mapping[str, Rect] = MappingProxyType(
    {
        "west": Rect(-22.0, 12.0, -18.5, 24.0),
        "east": Rect(18.5, 12.0, 22.0, 24.0),
        "south": Rect(-9.0, 0.5, 9.0, 4.5),
    }
)


def _square() -> Place:
    """An open square before a building."""
    return Place(
        camera=MastCamera(),
        walkable=((-22.5, 0.0), (22.5, 0.0), (22.5, 25.5), (-22.5, 25.5)),
        seen=_SQUARE_SEEN,
        monitored=_SQUARE_MONITORED,
        entries=_SQUARE_WAYS,
        exits=_SQUARE_WAYS,
        walls=(Wall(WallKind.FACADE, ((-26.0, 26.0), (26.0, 26.0)), 9.0),),
        doors=(((-1.4, 26.0), (1.4, 26.0)),),
    )


def _stage() -> Place:
    """The square with a stage."""
    stage: Outline = ((-5.0, 25.5), (-5.0, 22.0), (5.0, 22.0), (5.0, 25.5))
    return Place(
        camera=MastCamera(),
        walkable=((-22.5, 0.0), (22.5, 0.0), (22.5, 25.5), *stage[::-1], (-22.5, 25.5)),
        seen=_SQUARE_SEEN,
        monitored=(
            *_SQUARE_MONITORED[:3],
            (5.0, 24.6),
            (5.0, 22.0),
            (-5.0, 22.0),
            (-5.0, 24.6),
            _SQUARE_MONITORED[3],
        ),
        entries=_SQUARE_WAYS,
        exits=_SQUARE_WAYS,
        walls=(
            Wall(WallKind.FACADE, ((-26.0, 26.0), (26.0, 26.0)), 9.0),
            Wall(WallKind.STAGE, stage, 1.1),
            Wall(WallKind.BARRIER, ((-5.0, 21.9), (5.0, 21.9)), 1.1),
        ),
    )


def _entrance() -> Place:
    """The narrow entrance of a hall, with barriers that lead to it."""
    funnel_west: Outline = ((-6.0, 0.0), (-6.0, 14.5), (-0.7, 18.0), (-0.7, 19.0))
    funnel_east: Outline = ((6.0, 0.0), (6.0, 14.5), (0.7, 18.0), (0.7, 19.0))
    hall: Outline = ((8.0, 19.0), (8.0, 26.0), (-8.0, 26.0), (-8.0, 19.0))
    return Place(
        camera=MastCamera(view_deg=54.0, tilt_deg=38.0),
        walkable=(*funnel_east, *hall, *funnel_west[::-1]),
        seen=((-6.0, 8.3), (6.0, 8.3), *funnel_east[1:], *funnel_west[:0:-1]),
        monitored=((-6.0, 8.6), (6.0, 8.6), *funnel_east[1:], *funnel_west[:0:-1]),
        entries=MappingProxyType({"south": Rect(-5.6, 0.4, 5.6, 4.0)}),
        exits=MappingProxyType({"hall": Rect(-7.5, 23.0, 7.5, 25.5)}),
        walls=(
            Wall(WallKind.FACADE, ((-26.0, 19.0), (26.0, 19.0)), 10.0),
            Wall(WallKind.BARRIER, funnel_west[:0:-1], 1.1),
            Wall(WallKind.BARRIER, funnel_east[:0:-1], 1.1),
            Wall(WallKind.BARRIER, funnel_west[:2], 1.1),
            Wall(WallKind.BARRIER, funnel_east[:2], 1.1),
        ),
        doors=(((-0.7, 19.0), (0.7, 19.0)),),
    )


def _station() -> Place:
    """The square before a station whose three doors let a train's passengers out."""
    doors = (((-9.5, 26.0), (-6.5, 26.0)), ((-1.5, 26.0), (1.5, 26.0)), ((6.5, 26.0), (9.5, 26.0)))
    inside: list[Point] = [(22.5, 26.0)]
    for (left, y), (right, _) in reversed(doors):
        inside += [(right, y), (right, y + 0.4), (right + 1.0, y + 0.4), (right + 1.0, y + 7.0)]
        inside += [(left - 1.0, y + 7.0), (left - 1.0, y + 0.4), (left, y + 0.4), (left, y)]
    names = ("door west", "door middle", "door east")
    halls = {
        name: Rect(left - 0.7, y + 2.0, right + 0.7, y + 6.7)
        for name, ((left, y), (right, _)) in zip(names, doors, strict=True)
    }
    return Place(
        camera=MastCamera(),
        walkable=((-22.5, 0.0), (22.5, 0.0), *inside, (-22.5, 26.0)),
        seen=(*_SQUARE_SEEN[:2], (15.0, 25.9), (-15.0, 25.9)),
        monitored=_SQUARE_MONITORED,
        entries=MappingProxyType({**_SQUARE_WAYS, **halls}),
        exits=_SQUARE_WAYS,
        walls=(Wall(WallKind.FACADE, ((-26.0, 26.0), (26.0, 26.0)), 9.0),),
        doors=doors,
    )


def _passage() -> Place:
    """A passage between two fences that is walked in both directions."""
    return Place(
        camera=MastCamera(),
        walkable=((-24.0, 11.0), (24.0, 11.0), (24.0, 17.0), (-24.0, 17.0)),
        seen=((-8.3, 11.0), (8.3, 11.0), (11.2, 17.0), (-11.2, 17.0)),
        monitored=((-8.0, 11.0), (8.0, 11.0), (10.8, 17.0), (-10.8, 17.0)),
        entries=MappingProxyType(
            {"west": Rect(-23.6, 11.4, -14.0, 16.6), "east": Rect(14.0, 11.4, 23.6, 16.6)}
        ),
        exits=MappingProxyType(
            {"west": Rect(-23.9, 11.05, -22.0, 16.95), "east": Rect(22.0, 11.05, 23.9, 16.95)}
        ),
        walls=(
            Wall(WallKind.FACADE, ((-30.0, 24.0), (30.0, 24.0)), 9.0),
            Wall(WallKind.FENCE, ((-26.0, 17.0), (26.0, 17.0)), 1.2),
            Wall(WallKind.FENCE, ((-12.0, 11.0), (12.0, 11.0)), 1.0, is_foreground=True),
        ),
    )


def _pen() -> Place:
    """A fenced way that ends at gates, which are kept shut for too long."""
    half, gate = 2.7, 16.5
    way: Outline = ((-half, -8.0), (half, -8.0), (half, gate))
    beyond: Outline = (
        (half, gate + 0.3), (9.0, gate + 3.0), (16.0, gate + 3.0), (16.0, 25.5),
        (-16.0, 25.5), (-16.0, gate + 3.0), (-9.0, gate + 3.0), (-half, gate + 0.3),
    )  # fmt: skip
    return Place(
        camera=MastCamera(view_deg=46.0, tilt_deg=39.0),
        walkable=(*way, *beyond, (-half, gate)),
        seen=(
            (-half, 8.2), (half, 8.2), (half, gate + 0.3), (6.6, gate + 2.0), (7.6, 19.6),
            (-7.6, 19.6), (-6.6, gate + 2.0), (-half, gate + 0.3),
        ),
        monitored=((-half, 8.5), (half, 8.5), (half, gate), (-half, gate)),
        entries=MappingProxyType({"south": Rect(-half + 0.3, -7.5, half - 0.3, 2.0)}),
        exits=MappingProxyType(
            {"west": Rect(-15.8, 20.0, -13.0, 25.2), "east": Rect(13.0, 20.0, 15.8, 25.2)}
        ),
        walls=(
            Wall(WallKind.FENCE, beyond[6:], 2.0),
            Wall(WallKind.FENCE, beyond[:2][::-1], 2.0),
            Wall(WallKind.BARRIER, ((-half, gate + 0.15), (half, gate + 0.15)), 1.9, is_gate=True),
            Wall(WallKind.FENCE, ((-half, gate + 0.3), (-half, 4.0)), 2.0),
            Wall(WallKind.FENCE, ((half, gate + 0.3), (half, 4.0)), 2.0),
        ),
        shut=(*way, (-half, gate)),
    )  # fmt: skip


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "calm": _square(),
        "peak": _stage(),
        "bottleneck": _entrance(),
        "surge": _station(),
        "counter-flow": _passage(),
        "crush": _pen(),
    }
)
"""Places by the name of their scenario."""
