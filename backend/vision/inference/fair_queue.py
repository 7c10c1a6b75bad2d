"""Who is served next: start-time fair queueing with a floor; pure, no threads, no clock.

Formulae and measurements: docs/methods/inference.md.

References:
    P. Goyal, H. Vin, H. Cheng: "Start-time Fair Queueing", SIGCOMM 1996, equations 4 and 5. We
    depart from it in four places: somebody who has waited longer than their patience is
    served out of turn (every second time at most), which moves no virtual time; nobody is
    further ahead than what they were served last costs them; somebody who is away for a moment
    (a camera finishing its picture) keeps what they are behind by, up to one picture at weight
    1: without that a member that is never in the queue twice would get no more than anybody
    else, whatever its weight; the weight is read when a member is served.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Place:
    """One member of the queue.

    Attributes:
        finish: Virtual time at which what was served last is paid for.
        last_cost: What was served last.
        asked: Number of the oldest unanswered question and when it was put; None = none is.
        is_away: It will ask again but cannot be served now.
    """

    weight: float
    patience_s: float
    finish: float = 0.0
    last_cost: float = 1.0
    cost: float = 1.0
    asked: tuple[int, float] | None = None
    is_away: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.asked is not None and not self.is_away


class FairQueue:
    """Members ask, `serve` picks; over time each is served in proportion to its weight.

    A member that does not ask saves nothing up but the price of one picture: it re-enters at
    about the present virtual time. Members of equal standing are served in the order in which
    they asked.
    """

    def __init__(self) -> None:
        self._places: dict[Hashable, _Place] = {}
        self._now = 0.0
        self._questions = 0
        self._was_out_of_turn = False

    def __len__(self) -> int:
        return sum(place.is_waiting for place in self._places.values())

    def join(self, member: Hashable, *, weight: float, patience_s: float) -> None:
        """Add a member; it enters without credit or debt.

        Args:
            member: Any key.
            weight: Share relative to the others', positive.
            patience_s: Seconds of waiting after which it is served out of turn.
        """
        if weight <= 0 or patience_s <= 0:
            raise ValueError(f"weight and patience must be positive, got {weight}, {patience_s}")
        self._places[member] = _Place(weight, patience_s, finish=self._now)

    def leave(self, member: Hashable) -> None:
        """Remove a member; no effect for a stranger."""
        self._places.pop(member, None)

    def set_weight(self, member: Hashable, weight: float) -> None:
        """Change a member's share from now on."""
        self._places[member].weight = weight

    def ask(self, member: Hashable, *, now_s: float, cost: float = 1.0) -> None:
        """Wait to be served; asking again changes the cost only."""
        place = self._places[member]
        place.cost = cost
        place.is_away = False
        if place.asked is None:
            self._questions += 1
            place.asked = (self._questions, now_s)

    def step_away(self, member: Hashable) -> None:
        """Not be served until it asks again; it keeps its number."""
        place = self._places.get(member)
        if place is not None:
            place.is_away = True

    def charge(self, member: Hashable, cost: float) -> None:
        """Let a member pay for something it was given besides."""
        place = self._places[member]
        place.last_cost = place.last_cost + cost
        place.finish = self._start(place) + cost / place.weight

    def serve(self, now_s: float) -> Hashable | None:
        """Return whose turn it is and take them out of the queue; None when nobody waits."""
        waiting = [(member, place) for member, place in self._places.items() if place.is_waiting]
        if not waiting:
            return None
        overdue = [item for item in waiting if _waited_s(item[1], now_s) >= item[1].patience_s]
        out_of_turn = bool(overdue) and not self._was_out_of_turn
        if out_of_turn:
            member, place = min(overdue, key=lambda item: _number(item[1]))
        else:
            member, place = min(waiting, key=lambda item: (self._start(item[1]), _number(item[1])))
        self._was_out_of_turn = out_of_turn
        start = self._start(place)
        if not out_of_turn:
            self._now = max(self._now, start)
        place.finish = start + place.cost / place.weight
        place.last_cost = place.cost
        place.asked = None
        return member

    def _start(self, place: _Place) -> float:
        """Virtual time at which the member's next turn begins."""
        earliest = self._now - max(other.last_cost for other in self._places.values())
        latest = self._now + place.last_cost / place.weight
        return max(earliest, min(place.finish, latest))


def _number(place: _Place) -> int:
    assert place.asked is not None
    return place.asked[0]


def _waited_s(place: _Place, now_s: float) -> float:
    assert place.asked is not None
    return now_s - place.asked[1]
