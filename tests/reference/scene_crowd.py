"""The people of a reference scene over time: where each stands, and who is who.

People stand on rows that are as equally filled as they can be. Who walks comes from somewhere:
in a crowd the rows go on around the monitored area, whose border is then no wall, and whoever
leaves at one end comes in at the other as somebody new.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from tests.reference.scene_book import Scene

AROUND_M = {"turbulent": 0.5, "orbit 18 s": 0.5}
"""Width of the strip around the monitored area that is filled as well, metres."""

AROUND_WALKING_M = 1.5
CROWD = 100
"""From so many people on the strip is filled; fewer come in at the border itself."""

BREATHING = frozenset({"flicker-5.9-6.1"})
"""Here nobody comes or goes: all stand closer together and farther apart in turn."""

STAYING = frozenset({"still", "jitter", "none"})

ORBIT_PERIOD_S = 18.0
TURBULENT_PERIOD_S = 2.5
TURBULENT_WAVE_PER_M = 2.4
"""Waves of one length in all directions are decorrelated at J0(2.4 r) = 0, after 1 m."""

WAVES = 24
GOLDEN = 0.6180339887498949
NEW_LIFE = 1_000_000


class SceneCrowd:
    """Places and ids of a scene's people at any time.

    Attributes:
        around_m: Width of the filled strip around the monitored area.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._most = scene.most_people
        rng = np.random.default_rng(7)
        self.around_m = _around(scene)
        self._room, self._corner = _room(scene)
        self._home, self._begin, self._lap, self._row = _rows(scene, self._room, self.around_m)
        count = len(self._home)
        if scene.arrangement == "random":
            spacing = math.sqrt(self._room[0] * self._room[1] / max(scene.most_people, 1))
            self._home = self._home + rng.uniform(-0.2, 0.2, (count, 2)) * spacing
        # Who is there while fewer are: spread evenly over the rows.
        self._rank = ((np.arange(count) * GOLDEN) % 1.0).argsort().argsort() / max(count, 1)
        self._angle = rng.uniform(0, 2 * math.pi, max(count, WAVES))
        self._phase = rng.uniform(0, 2 * math.pi, (2, max(count, WAVES)))
        self._pace = rng.uniform(0.8, 1.25, max(count, WAVES))

    def at(self, t: float) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Positions (N, 2) in metres, the monitored area beginning at 0, and ids (N,)."""
        moved = self._home + self._displacement(t)
        lap = np.floor((moved - self._begin) / self._lap)
        if self._scene.motion in STAYING or self._scene.motion == "turbulent":
            lap = np.zeros_like(moved)
        at = moved - lap * self._lap + self._corner
        ids = np.arange(len(at)) + NEW_LIFE * (1 + lap[:, 0] % 997 + 1000 * (lap[:, 1] % 997))
        share = self._scene.people_at(t) / max(self._most, 1)
        if self._scene.id in BREATHING:
            middle = np.array(self._scene.room_m) / 2
            return middle + (at - middle) / math.sqrt(share), ids.astype(np.int64)
        there = self._rank < share
        return at[there], ids[there].astype(np.int64)

    def _displacement(self, t: float) -> FloatArray:
        scene, count = self._scene, len(self._home)
        speed = scene.speed_mps
        if scene.motion in STAYING:
            pulse = math.pi / 2 * self._pace[:count]
            return np.stack(
                [speed / pulse * np.sin(pulse * t + self._phase[axis, :count]) for axis in (0, 1)],
                axis=1,
            )
        if scene.motion == "orbit 18 s":
            turn = 2 * math.pi / ORBIT_PERIOD_S
            radius = speed / turn
            step = radius * np.array([math.sin(turn * t), 1 - math.cos(turn * t)])
            return np.tile(step, (count, 1))
        if scene.motion == "turbulent":
            return self._turbulence(t)
        angle = np.zeros(count)
        if scene.motion == "counter":
            angle = np.where(self._row % 2, 0.0, math.pi)
        elif scene.motion == "isotropic":
            angle = self._angle[:count]
        return speed * t * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def _turbulence(self, t: float) -> FloatArray:
        """Transverse waves in all directions: nobody is pressed together, all are pushed about."""
        pulse = 2 * math.pi / TURBULENT_PERIOD_S * self._pace[:WAVES]
        angle, phase = self._angle[:WAVES], self._phase[0, :WAVES]
        along = np.stack([np.cos(angle), np.sin(angle)])
        across = np.stack([-np.sin(angle), np.cos(angle)])
        size = self._scene.speed_mps * math.sqrt(2 / WAVES) / pulse
        wave = np.cos(TURBULENT_WAVE_PER_M * self._home @ along + pulse * t + phase)
        return np.asarray((wave * size) @ across.T)


def _around(scene: Scene) -> float:
    if scene.motion in STAYING or scene.most_people < CROWD:
        return 0.0
    return AROUND_M.get(scene.motion, AROUND_WALKING_M)


def _room(scene: Scene) -> tuple[tuple[float, float], FloatArray]:
    """Width and depth the people stand in, and where it begins in the monitored area."""
    width, depth = scene.room_m
    if not scene.arrangement.startswith("cluster"):
        return (width, depth), np.zeros(2)
    size = 10.0 if scene.arrangement == "cluster" else float(scene.arrangement.split()[1])
    side = math.sqrt(size)
    return (side, side), np.array([(width - side) / 2, (depth - side) / 2])


def _rows(
    scene: Scene, room: tuple[float, float], around_m: float
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """A lattice of rows as equally filled as they can be, going on around the room.

    Returns:
        Places (N, 2), where each one's way begins and how long it is (N, 2), and rows (N,). The
        room holds exactly its number of people however far the rows are pushed on.
    """
    width, depth = room
    people = scene.most_people
    if people == 0:
        return np.zeros((0, 2)), np.zeros((0, 2)), np.ones((0, 2)), np.zeros(0, np.int64)
    rows = max(round(math.sqrt(people * depth / width)), 1)
    ends = np.linspace(0, people, rows + 1).round().astype(int)
    filled = [stop - start for start, stop in pairwise(ends)]
    beside = math.ceil(around_m * rows / depth)
    homes, begins, laps, numbers = [], [], [], []
    for row in range(-beside, rows + beside):
        here = filled[row % rows]
        spacing = width / here
        extra = math.ceil(around_m / spacing)
        # Rows stand at their own phase, so that no front of people crosses the border at once.
        phase = 0.5 if around_m == 0 else (0.5 + row * GOLDEN) % 1.0
        x = (np.arange(-extra, here + extra) + phase) * spacing
        homes.append(np.stack([x, np.full(len(x), (row + 0.5) * depth / rows)], axis=1))
        begin = -extra * spacing, -beside * depth / rows
        lap = spacing * (here + 2 * extra), depth / rows * (rows + 2 * beside)
        begins.append(np.tile(begin, (len(x), 1)))
        laps.append(np.tile(lap, (len(x), 1)))
        numbers.append(np.full(len(x), row % rows))
    return (
        np.concatenate(homes),
        np.concatenate(begins),
        np.concatenate(laps),
        np.concatenate(numbers),
    )
