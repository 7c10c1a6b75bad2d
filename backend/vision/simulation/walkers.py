"""Who goes where: everybody has stops to make and a way out to leave by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from backend.core.calibration import Point
from backend.vision.simulation.crowd import Crowd, Walker
from backend.vision.simulation.places import Place, Rect

FREE_SPEED_MPS = 1.34
FREE_SPEED_STD_MPS = 0.26
"""Speed of unhindered pedestrians and its standard deviation, m/s.

References:
    Weidmann 1993, Transporttechnik der Fussgänger, doi:10.3929/ethz-a-000687810.
"""

SLOWEST_MPS, FASTEST_MPS = 0.6, 1.9
TIME_GAP_S = 0.6
"""Time kept to the person ahead, s; within what Tordeux et al. 2016 fit (0.5-1 s)."""

_SIZE_STD = 0.06
_REACHED_M = 0.7
_GIVE_UP_S = 90.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A place somebody goes to.

    Attributes:
        at_m: Where, metres.
        stay_s: How long; infinite = pressing on towards it until sent away.
    """

    at_m: Point
    stay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of people walks.

    Attributes:
        kind: Name by which a script finds them again.
        speed_share: Share of the free speed.
        radius_m: Mean half distance kept where it is tightest.
    """

    kind: str
    speed_share: float = 1.0
    radius_m: float = 0.22


@dataclass(slots=True)
class _Person:
    """State of one person; ``stops`` are those still to make, the first is under way."""

    manner: Manner
    speed_mps: float
    size_share: float
    stops: list[Stop]
    leave_by: str
    since_s: float
    is_leaving: bool = False
    stands_until_s: float | None = None


class Walkers:
    """Sends the people of one crowd along their ways. Not thread-safe.

    Args:
        crowd: Moves them.
        place: Ways out.
        rng: Source of all chance.
    """

    def __init__(self, crowd: Crowd, place: Place, rng: np.random.Generator) -> None:
        self._crowd = crowd
        self._place = place
        self._rng = rng
        self._people: dict[int, _Person] = {}

    def numbers(self, kind: str) -> list[int]:
        """Who of this kind is there, in the order of entering."""
        return [n for n, person in self._people.items() if person.manner.kind == kind]

    def count(self, kind: str, *, leaving: bool = True) -> int:
        """How many of this kind are there; without those who are leaving if so asked."""
        return sum(
            person.manner.kind == kind and (leaving or not person.is_leaving)
            for person in self._people.values()
        )

    def staying(self, kind: str) -> list[int]:
        """Who of this kind is there and not on the way out."""
        return [n for n in self.numbers(kind) if not self._people[n].is_leaving]

    def places(self, numbers: Iterable[int]) -> dict[int, Point]:
        """Where these people are, metres."""
        standing = self._crowd.standing()
        wanted = set(numbers)
        pairs = zip(standing.ids.tolist(), standing.positions_m.tolist(), strict=True)
        return {number: (x, y) for number, (x, y) in pairs if number in wanted}

    def size_share(self, number: int) -> float:
        """How much room a person takes, 1 for the mean."""
        return self._people[number].size_share

    def enter(
        self, manner: Manner, start: Rect, stops: Sequence[Stop], leave_by: str, *, now_s: float
    ) -> bool:
        """Let one person in somewhere in ``start``; False where there is no room."""
        rng = self._rng
        size = float(np.clip(rng.normal(1.0, _SIZE_STD), 0.85, 1.15))
        speed = rng.normal(FREE_SPEED_MPS, FREE_SPEED_STD_MPS) * manner.speed_share
        speed = float(np.clip(speed, SLOWEST_MPS * manner.speed_share, FASTEST_MPS))
        at = self._crowd.find_room(start, rng, radius_m=manner.radius_m * size)
        if at is None:
            return False
        person = _Person(manner, speed, size, list(stops), leave_by, now_s)
        target = person.stops[0].at_m if person.stops else self._way_out(person, at)
        number = self._crowd.add(Walker(at, target, speed, manner.radius_m * size, TIME_GAP_S))
        if number is None:
            return False
        person.is_leaving = not person.stops
        self._people[number] = person
        return True

    def send_away(self, number: int, leave_by: str, *, now_s: float) -> None:
        """Let somebody leave now."""
        person = self._people[number]
        person.stops.clear()
        person.leave_by = leave_by
        self._go_on(number, person, now_s)

    def follow(self, now_s: float) -> None:
        """Let everybody who has arrived go on, stop or disappear."""
        standing = self._crowd.standing()
        present = dict(zip(standing.ids.tolist(), standing.positions_m.tolist(), strict=True))
        gone = []
        self._people = {n: who for n, who in self._people.items() if n in present}
        for number, person in self._people.items():
            x, y = present[number]
            if person.is_leaving:
                if _within(self._place.exits[person.leave_by], x, y):
                    gone.append(number)
            elif person.stands_until_s is not None:
                if now_s >= person.stands_until_s:
                    self._go_on(number, person, now_s, made=True)
            else:
                self._look(number, person, (x, y), now_s)
        self._crowd.remove(gone)
        for number in gone:
            del self._people[number]

    def _look(self, number: int, person: _Person, at: Point, now_s: float) -> None:
        """Has this person reached the stop he or she is going to, or will he or she never?"""
        stop = person.stops[0]
        waited_s = now_s - person.since_s
        is_there = math.dist(at, stop.at_m) < _REACHED_M
        if is_there and stop.stay_s <= 0:
            self._go_on(number, person, now_s, made=True)
        elif is_there and not math.isinf(stop.stay_s):
            person.stands_until_s = now_s + stop.stay_s
            self._crowd.set_speed(number, 0.0)
        elif waited_s > _GIVE_UP_S and not math.isinf(stop.stay_s):
            self._go_on(number, person, now_s, made=True)

    def _go_on(self, number: int, person: _Person, now_s: float, *, made: bool = False) -> None:
        if made:
            person.stops.pop(0)
        person.since_s = now_s
        if person.stands_until_s is not None:
            person.stands_until_s = None
            self._crowd.set_speed(number, person.speed_mps)
        if person.stops:
            self._crowd.aim(number, person.stops[0].at_m)
        else:
            person.is_leaving = True
            self._crowd.aim(number, self._way_out(person, None))

    def _way_out(self, person: _Person, at: Point | None) -> Point:
        way = self._place.exits[person.leave_by]
        x = self._rng.uniform(way.west + 0.2, way.east - 0.2)
        y = self._rng.uniform(way.south + 0.2, way.north - 0.2)
        if at is not None and way.south <= at[1] <= way.north:
            y = at[1]  # along a passage everybody keeps to his or her side
        return float(x), float(y)


def _within(rect: Rect, x: float, y: float) -> bool:
    return rect.west <= x <= rect.east and rect.south <= y <= rect.north
