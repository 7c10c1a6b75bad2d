"""The people of a simulation: JuPedSim moves them, this keeps who they are and how they walk.

JuPedSim (https://www.jupedsim.org, LGPL-3.0) is loaded when the first crowd is made.

References:
    Tordeux, Chraibi & Seyfried 2016, Collision-free speed model for pedestrian dynamics,
    doi:10.1007/978-3-319-33482-0_29 (the model; its parameters are per person here).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.vision.simulation.places import Outline, Rect

STEP_S = 0.1
"""Time step of the model, which is also the time between two pictures.

The model is of first order: nobody moves farther in a step than the gap before him or her, so
that it stays stable here; 0.05 s costs twice as much and gives the same densities.
"""

ENTRY_TRIES = 8
_ENTRY_GAP_M = 0.12
_WALL_STRENGTH, _WALL_RANGE_M = 12.0, 0.06
_WALL_NEAR_M = 0.16
_WALL_SPEED_MPS = 0.3
"""Whoever is pushed against a wall moves no faster, so that no step leads through it: the model
looks for people in the way, not for walls."""

_SMOOTHING = 0.25
"""Weight of the newest step in the direction and speed that are drawn."""

_TURNING_MPS = 0.25
"""Who moves slower than this stands, or is held up."""

_THERE_M = 0.8
_FEW = 40


@dataclass(frozen=True, slots=True)
class Walker:
    """What a person is like when entering.

    Attributes:
        at_m: Where, metres.
        target_m: Where to, metres.
        speed_mps: Speed on a free way.
        radius_m: Half the distance kept from others where it is tightest.
        time_gap_s: Time kept to the person ahead.
    """

    at_m: Point
    target_m: Point
    speed_mps: float
    radius_m: float
    time_gap_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Everybody at one moment, in order of their numbers; row for row.

    Attributes:
        ids: (N,) int64, counting from 1 in the order of entering, never used again.
        positions_m: (N, 2) float64, metres, ground plane.
        facing: (N, 2) float64, unit vectors on the ground.
        speed_mps: (N,) float64, smoothed over some steps.
        walked_m: (N,) float64, way gone since entering.
    """

    ids: npt.NDArray[np.int64]
    positions_m: FloatArray
    facing: FloatArray
    speed_mps: FloatArray
    walked_m: FloatArray


class Crowd:
    """People on one walkable ground; steps of `STEP_S`. Not thread-safe.

    Args:
        walkable: Ground to begin with, metres.
    """

    def __init__(self, walkable: Outline) -> None:
        import jupedsim  # noqa: PLC0415 - loads a native library and shapely

        self._jps = jupedsim
        self._sim = jupedsim.Simulation(
            model=jupedsim.CollisionFreeSpeedModelV2(), geometry=list(walkable), dt=STEP_S
        )
        self._stage = self._sim.add_direct_steering_stage()
        self._journey = self._sim.add_journey(jupedsim.JourneyDescription([self._stage]))
        self._set_walls(walkable)
        self._entered = 0
        self._native: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._free_speed: dict[int, float] = {}
        self._at_wall: set[int] = set()
        self._ids = np.zeros(0, np.int64)
        self._positions = np.zeros((0, 2))
        self._velocity = np.zeros((0, 2))
        self._facing = np.zeros((0, 2))
        self._walked = np.zeros(0)
        self._targets = np.zeros((0, 2))

    def __len__(self) -> int:
        return len(self._ids)

    def standing(self) -> Standing:
        """Where everybody is now."""
        return Standing(
            ids=self._ids,
            positions_m=self._positions,
            facing=self._facing,
            speed_mps=np.hypot(*self._velocity.T),
            walked_m=self._walked,
        )

    def find_room(self, entry: Rect, rng: np.random.Generator, *, radius_m: float) -> Point | None:
        """A free spot in ``entry``, None where no try found one."""
        margin = 0.05
        spots = rng.uniform(
            (entry.west + margin, entry.south + margin),
            (entry.east - margin, entry.north - margin),
            (ENTRY_TRIES, 2),
        )
        for spot in spots:
            off = self._positions - spot
            if not (off[:, 0] ** 2 + off[:, 1] ** 2 < (2 * radius_m + _ENTRY_GAP_M) ** 2).any():
                return float(spot[0]), float(spot[1])
        return None

    def add(self, walker: Walker) -> int | None:
        """Let a person in; the number, or None where there was no room after all."""
        parameters = self._jps.CollisionFreeSpeedModelV2AgentParameters(
            position=walker.at_m,
            desired_speed=walker.speed_mps,
            radius=walker.radius_m,
            time_gap=walker.time_gap_s,
            strength_geometry_repulsion=_WALL_STRENGTH,
            range_geometry_repulsion=_WALL_RANGE_M,
            journey_id=self._journey,
            stage_id=self._stage,
        )
        try:
            native = int(self._sim.add_agent(parameters))
        except RuntimeError:  # too near a wall or a person: the only ways to learn it
            return None
        # JuPedSim counts through all simulations of a process; here everybody begins with 1
        self._entered += 1
        number = self._entered
        self._native[number], self._numbers[native] = native, number
        self._free_speed[number] = walker.speed_mps
        toward = np.subtract(walker.target_m, walker.at_m)
        self._ids = np.append(self._ids, number)
        self._positions = np.vstack([self._positions, walker.at_m])
        self._velocity = np.vstack([self._velocity, (0.0, 0.0)])
        self._facing = np.vstack([self._facing, toward / max(float(np.hypot(*toward)), 1e-9)])
        self._walked = np.append(self._walked, 0.0)
        self._targets = np.vstack([self._targets, walker.target_m])
        self.aim(number, walker.target_m)
        return number

    def aim(self, number: int, target_m: Point) -> None:
        """Send a person somewhere else; around walls, if there are any."""
        self._agent(number).target = target_m
        self._targets[np.searchsorted(self._ids, number)] = target_m

    def set_speed(self, number: int, speed_mps: float) -> None:
        """Let a person walk at most so fast; 0 stands."""
        self._free_speed[number] = speed_mps
        self._at_wall.discard(number)
        self._agent(number).model.desired_speed = speed_mps

    def set_radius(self, number: int, radius_m: float) -> None:
        """Let a person keep another distance."""
        self._agent(number).model.radius = radius_m

    def remove(self, numbers: list[int]) -> None:
        """Take people out; at once for whoever asks, in the model with its next step."""
        if not numbers:
            return
        for number in numbers:
            native = self._native.pop(number)
            self._sim.mark_agent_for_removal(native)
            del self._numbers[native]
            self._free_speed.pop(number, None)
            self._at_wall.discard(number)
        self._keep(~np.isin(self._ids, numbers))

    def set_ground(self, walkable: Outline) -> None:
        """Open or shut gates; everybody has to stand on the new ground."""
        self._sim.switch_geometry(list(walkable))
        self._set_walls(walkable)

    def step(self) -> None:
        """Let `STEP_S` pass."""
        self._slow_at_walls()
        try:
            self._sim.iterate()
        except RuntimeError:
            self._drop_outsiders()
            self._sim.iterate()
        known = self._numbers
        found = [(known.get(agent.id, 0), *agent.position) for agent in self._sim.agents()]
        seen = np.array(found).reshape(-1, 3)
        numbers = seen[:, 0].astype(np.int64)
        if not np.array_equal(numbers, self._ids):
            seen = seen[np.isin(numbers, self._ids)]
            seen = seen[np.argsort(seen[:, 0])]
            self._keep(np.isin(self._ids, seen[:, 0].astype(np.int64)))
        moved = seen[:, 1:] - self._positions
        self._positions = seen[:, 1:]
        self._velocity = self._velocity + _SMOOTHING * (moved / STEP_S - self._velocity)
        self._walked = self._walked + np.hypot(*moved.T)
        self._turn()

    def _agent(self, number: int) -> Any:
        return self._sim.agent(self._native[number])

    def _turn(self) -> None:
        """Who walks looks ahead, who is held up looks where he or she wants to go."""
        speed = np.hypot(*self._velocity.T)
        toward = self._targets - self._positions
        far = np.hypot(*toward.T)
        walks, waits = speed > _TURNING_MPS, (speed <= _TURNING_MPS) & (far > _THERE_M)
        self._facing = self._facing.copy()
        self._facing[walks] = self._velocity[walks] / speed[walks, None]
        self._facing[waits] = toward[waits] / far[waits, None]

    def _slow_at_walls(self) -> None:
        if len(self) < _FEW:  # too few to press anybody against anything
            return
        pressed = set(self._ids[self._wall_distances() < _WALL_NEAR_M].tolist())
        for number in sorted(pressed - self._at_wall):
            slow = min(self._free_speed[number], _WALL_SPEED_MPS)
            self._agent(number).model.desired_speed = slow
        for number in sorted(self._at_wall - pressed):
            self._agent(number).model.desired_speed = self._free_speed[number]
        self._at_wall = pressed

    def _set_walls(self, walkable: Outline) -> None:
        self._corners = np.array(walkable)
        self._sides = np.roll(self._corners, -1, axis=0) - self._corners
        self._squares = (self._sides**2).sum(axis=1)

    def _wall_distances(self) -> FloatArray:
        """(N,) distance of everybody from the nearest wall, metres."""
        along = (self._positions[:, None] - self._corners) * self._sides
        share = (along.sum(axis=2) / self._squares).clip(0.0, 1.0)
        off = self._positions[:, None] - self._corners - share[:, :, None] * self._sides
        nearest: FloatArray = np.sqrt((off**2).sum(axis=2).min(axis=1))
        return nearest

    def _drop_outsiders(self) -> None:
        """Take out whoever was pressed through a wall; the model refuses to go on with them."""
        from shapely import Polygon, contains_xy  # noqa: PLC0415 - heavy

        outside = ~contains_xy(Polygon(self._corners), self._positions)
        self.remove(self._ids[outside].tolist())

    def _keep(self, kept: npt.NDArray[np.bool_]) -> None:
        if kept.all():
            return
        self._ids, self._positions = self._ids[kept], self._positions[kept]
        self._velocity, self._facing = self._velocity[kept], self._facing[kept]
        self._walked, self._targets = self._walked[kept], self._targets[kept]
