"""What happens in each scenario, and when: inflow, crowding, gates.

A script is stepped every `CONTROL_S`; all chance comes from the generator it was given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

from backend.core.calibration import Point
from backend.vision.simulation.catalogue import SCENARIOS
from backend.vision.simulation.crowd import Crowd
from backend.vision.simulation.places import Place, Rect
from backend.vision.simulation.walkers import Manner, Stop, Walkers

CONTROL_S = 0.5

_SQUARE = Rect(-9.0, 11.0, 9.0, 20.5)
_STROLLER = Manner("stroller", speed_share=0.8, radius_m=0.25)


class Script(Protocol):
    """One scenario."""

    def start(self) -> None:
        """Put people on the ground as they are when the camera is switched on."""

    def step(self, now_s: float) -> None:
        """Decide what happens next.

        Args:
            now_s: Seconds since the start.
        """


class Strolling:
    """A few people cross a square, look around and leave; their number hardly changes."""

    def __init__(
        self,
        crowd: Crowd,
        place: Place,
        rng: np.random.Generator,
        *,
        people: int = 9,
        around: Rect = _SQUARE,
    ) -> None:
        self._place = place
        self._rng = rng
        self._people = people
        self._around = around
        self._ways = sorted(place.exits)
        self.walkers = Walkers(crowd, place, rng)

    def start(self) -> None:
        for _ in range(self._people * 2):
            if self.walkers.count("stroller") < self._people:
                self._enter(self._around, 0.0)

    def step(self, now_s: float) -> None:
        self.walkers.follow(now_s)
        if self.walkers.count("stroller") < self._people:
            self._enter(self._place.entries[self._ways[int(self._rng.integers(3))]], now_s)

    def _enter(self, start: Rect, now_s: float) -> None:
        rng = self._rng
        stops = [
            Stop(_point_in(self._around, rng), stay_s=float(rng.choice([0.0, 0.0, 8.0, 20.0])))
            for _ in range(int(rng.integers(1, 3)))
        ]
        leave_by = self._ways[int(rng.integers(len(self._ways)))]
        self.walkers.enter(_STROLLER, start, stops, leave_by, now_s=now_s)


class Show(Strolling):
    """A square fills before a stage, stands for a while and empties."""

    _FILL_S, _END_S = (10.0, 430.0), 480.0
    _AUDIENCE = 170
    _FEW_MANY, _RADII_M = (30, 150), (0.34, 0.28)
    _MANNER = Manner("audience", speed_share=0.9, radius_m=_RADII_M[0])

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        super().__init__(crowd, place, rng, people=10, around=Rect(-8.0, 9.5, 8.0, 13.0))
        self._crowd = crowd
        self._came = 0

    def step(self, now_s: float) -> None:
        super().step(now_s)
        phase_s = now_s % _cycle_s("peak")
        begin_s, full_s = self._FILL_S
        if phase_s < begin_s:
            self._came = 0
        wanted = self._AUDIENCE * min(max((phase_s - begin_s) / (full_s - begin_s), 0.0), 1.0)
        if phase_s < self._END_S and self._came < wanted:
            front = Stop((float(self._rng.uniform(-4.5, 4.5)), 21.4), stay_s=math.inf)
            entry = self._ways[int(self._rng.integers(len(self._ways)))]
            is_in = self.walkers.enter(
                self._MANNER, self._place.entries[entry], [front], entry, now_s=now_s
            )
            self._came += int(is_in)
        if phase_s >= self._END_S:
            self._let_go(now_s)
        else:
            self._move_up()

    def _move_up(self) -> None:
        """The more there are the closer they stand."""
        audience = self.walkers.staying("audience")
        radius = float(np.interp(len(audience), self._FEW_MANY, self._RADII_M))
        for number in audience:
            self._crowd.set_radius(number, radius * self.walkers.size_share(number))

    def _let_go(self, now_s: float) -> None:
        """Those at the back and the sides turn round first, two or three a second."""
        staying = self.walkers.staying("audience")
        places = self.walkers.places(staying)
        order = sorted(staying, key=lambda n: -math.dist(places[n], (0.0, 22.0)))
        for number in order[:2]:
            x = places[number][0]
            way = "south" if abs(x) < 3.0 else "east" if x > 0 else "west"
            self.walkers.send_away(number, way, now_s=now_s)


class Queue:
    """A queue before a narrow door, now longer, now shorter."""

    _LONG, _SHORT = 130, 90
    _RADIUS_M, _DOOR_RADIUS_M = 0.275, 0.17
    _DOOR: Point = (0.0, 19.0)

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        self._crowd = crowd
        self._place = place
        self._rng = rng
        self._manner = Manner("guest", radius_m=self._RADIUS_M)
        self.walkers = Walkers(crowd, place, rng)

    def start(self) -> None:
        for _ in range(self._SHORT):
            self._enter(Rect(-5.0, 4.5, 5.0, 15.0), 0.0)

    def step(self, now_s: float) -> None:
        self.walkers.follow(now_s)
        wave = 0.5 - 0.5 * math.cos(2 * math.pi * now_s / _cycle_s("bottleneck"))
        wanted = self._SHORT + (self._LONG - self._SHORT) * wave
        for _ in range(2):
            if self.walkers.count("guest", leaving=False) < wanted:
                self._enter(self._place.entries["south"], now_s)
        self._squeeze()

    def _enter(self, start: Rect, now_s: float) -> None:
        through = Stop((float(self._rng.uniform(-0.3, 0.3)), 19.6))
        self.walkers.enter(self._manner, start, [through], "hall", now_s=now_s)

    def _squeeze(self) -> None:
        """People turn their shoulders in a doorway; without it the model blocks the door."""
        places = self.walkers.places(self.walkers.numbers("guest"))
        for number, at in places.items():
            near = min(max((math.dist(at, self._DOOR) - 1.5) / 3.0, 0.0), 1.0)
            radius = self._DOOR_RADIUS_M + near * (self._RADIUS_M - self._DOOR_RADIUS_M)
            self._crowd.set_radius(number, radius * self.walkers.size_share(number))


class Arrival(Strolling):
    """Passengers of a train pour out of three doors onto a quiet square."""

    _FROM_S, _PASSENGERS, _A_STEP = 90.0, 150, 2
    _MANNER = Manner("passenger", speed_share=1.05, radius_m=0.22)

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        super().__init__(crowd, place, rng, people=24)
        self._doors = sorted(name for name in place.entries if name.startswith("door"))
        self._came = 0

    def step(self, now_s: float) -> None:
        super().step(now_s)
        phase_s = now_s % _cycle_s("surge")
        if phase_s < self._FROM_S:
            self._came = 0
            return
        for _ in range(self._A_STEP):
            if self._came < self._PASSENGERS:
                door = self._place.entries[self._doors[int(self._rng.integers(3))]]
                leave_by = self._ways[int(self._rng.integers(3))]
                self._came += int(
                    self.walkers.enter(
                        self._MANNER, door, [Stop(_ahead(door))], leave_by, now_s=now_s
                    )
                )


class TwoWay:
    """Two streams through one passage, everybody keeping right as far as there is room."""

    _EVERY_S = 0.62
    _MANNER = Manner("passer", radius_m=0.2)

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        self._place = place
        self._rng = rng
        self._due_s = {"west": 0.0, "east": 0.3}
        self.walkers = Walkers(crowd, place, rng)

    def start(self) -> None:
        for _ in range(26):
            for side in ("west", "east"):
                self._enter(side, -12.0, 12.0, 0.0)

    def step(self, now_s: float) -> None:
        self.walkers.follow(now_s)
        for side, due_s in self._due_s.items():
            if now_s < due_s:
                continue
            self._due_s[side] = due_s + self._EVERY_S * float(self._rng.uniform(0.5, 1.5))
            entry = self._place.entries[side]
            self._enter(side, entry.west, entry.east, now_s)

    def _enter(self, side: str, west: float, east: float, now_s: float) -> None:
        south, north = (11.5, 14.3) if side == "west" else (13.7, 16.5)
        lane = Rect(west, south, east, north)
        leave_by = "east" if side == "west" else "west"
        self.walkers.enter(self._MANNER, lane, [], leave_by, now_s=now_s)


class Gates:
    """People press against shut gates, closer and closer; then the gates open."""

    _PEOPLE, _FROM_S, _A_STEP = 250, 5.0, 2
    _CLOSER_S, _RADII_M = (40.0, 115.0), (0.24, 0.175)
    _OPEN_S, _SHUT_S = 225.0, 340.0
    _MANNER = Manner("fan", radius_m=_RADII_M[0])

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        self._crowd = crowd
        self._place = place
        self._rng = rng
        self._is_open = False
        self._came = 0
        self.walkers = Walkers(crowd, place, rng)

    @property
    def is_open(self) -> bool:
        """Whether the gates stand open."""
        return self._is_open

    def start(self) -> None:
        for _ in range(20):
            self._enter(Rect(-2.0, 3.0, 2.0, 14.0), 0.0)

    def step(self, now_s: float) -> None:
        self.walkers.follow(now_s)
        phase_s = now_s % _cycle_s("crush")
        if self._is_open:
            if phase_s < self._OPEN_S or phase_s >= self._SHUT_S:
                self._shut()
            return
        if phase_s >= self._OPEN_S:
            self._open(now_s)
            return
        for _ in range(self._A_STEP):
            if phase_s >= self._FROM_S and self._came < self._PEOPLE:
                self._enter(self._place.entries["south"], now_s)
        radius = float(np.interp(phase_s, self._CLOSER_S, self._RADII_M))
        for number in self.walkers.numbers("fan"):
            self._crowd.set_radius(number, radius * self.walkers.size_share(number))

    def _enter(self, start: Rect, now_s: float) -> None:
        reach = self._place.monitored[1][0] - 0.4
        gate = Stop((float(self._rng.uniform(-reach, reach)), 16.4), stay_s=math.inf)
        leave_by = "east" if gate.at_m[0] > 0 else "west"
        self._came += int(self.walkers.enter(self._MANNER, start, [gate], leave_by, now_s=now_s))

    def _open(self, now_s: float) -> None:
        self._is_open = True
        self._crowd.set_ground(self._place.walkable)
        for number in self.walkers.numbers("fan"):
            side = "east" if self._rng.random() < 0.5 else "west"
            self.walkers.send_away(number, side, now_s=now_s)

    def _shut(self) -> None:
        """Shut the gates once everybody has gone; stragglers are out of the picture by then."""
        self._crowd.remove(self.walkers.numbers("fan"))
        self._crowd.step()
        assert self._place.shut is not None
        self._crowd.set_ground(self._place.shut)
        self._is_open, self._came = False, 0


_SCRIPTS: Mapping[str, type[Strolling | Queue | TwoWay | Gates]] = MappingProxyType(
    {
        "calm": Strolling,
        "peak": Show,
        "bottleneck": Queue,
        "surge": Arrival,
        "counter-flow": TwoWay,
        "crush": Gates,
    }
)


def make_script(name: str, crowd: Crowd, place: Place, rng: np.random.Generator) -> Script:
    """Return the script of a scenario."""
    return _SCRIPTS[name](crowd, place, rng)


def _cycle_s(name: str) -> float:
    cycle_s = SCENARIOS[name].cycle_s
    assert cycle_s is not None
    return cycle_s


def _point_in(rect: Rect, rng: np.random.Generator) -> Point:
    x = rng.uniform(rect.west, rect.east)
    return float(x), float(rng.uniform(rect.south, rect.north))


def _ahead(door: Rect) -> Point:
    """A few steps before a door."""
    return (door.west + door.east) / 2, door.south - 4.5
