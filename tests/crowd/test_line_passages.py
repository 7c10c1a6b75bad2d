from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.line_geometry import LineStack
from backend.crowd.line_passages import LinePassages, Passed

NORTH_AT_0 = [[0.0, 0.0], [0.0, 2.0]]
NORTH_AT_1 = [[1.0, 0.0], [1.0, 2.0]]
SOUTH_AT_1 = [[1.0, 2.0], [1.0, 0.0]]


def _lines(*ends: list[list[float]]) -> LineStack:
    return LineStack.of(np.array(ends).reshape(-1, 2, 2))


class _Feed:
    def __init__(self, *ends: list[list[float]]) -> None:
        self.passages = LinePassages(_lines(*ends))
        self.now_s = 0.0

    def see(self, people: dict[int, float], *, hysteresis: float = 0.15) -> Passed:
        """People by identity, at these metres along y = 1."""
        points: FloatArray = np.array([[x, 1.0] for x in people.values()]).reshape(-1, 2)
        self.now_s += 0.1
        return self.passages.update(
            np.array(list(people), np.int64),
            points,
            hysteresis=np.full(len(people), hysteresis),
            reach=np.full(len(people), 0.5),
            now_s=self.now_s,
        )


def _told(passed: Passed) -> list[tuple[int, int, int]]:
    """(line, identity, direction) of each passage."""
    return list(
        zip(passed.line.tolist(), passed.track_id.tolist(), passed.direction.tolist(), strict=True)
    )


def test_all_lines_and_people_at_once() -> None:
    feed = _Feed(NORTH_AT_0, SOUTH_AT_1)
    feed.see({5: -0.3, 6: 1.3, 7: -2.0})
    passed = feed.see({6: 0.7, 7: -1.9, 5: 0.3})
    assert _told(passed) == [(1, 6, 1), (0, 5, 1)]
    assert passed.time_s == pytest.approx([0.15, 0.15])
    assert _told(feed.see({5: 1.3, 6: -0.3, 7: -1.8})) == [(1, 5, -1), (0, 6, -1)]


def test_each_has_a_hysteresis_of_their_own() -> None:
    feed = _Feed(NORTH_AT_0)
    feed.see({1: -0.4, 2: -0.4})
    places = np.array([[0.2, 1.0], [0.2, 1.0]])
    passed = feed.passages.update(
        np.array([1, 2]),
        places,
        hysteresis=np.array([0.3, 0.1]),
        reach=np.full(2, 0.5),
        now_s=0.3,
    )
    assert _told(passed) == [(0, 2, 1)]


def test_kept_lines_go_on_and_new_ones_begin_where_people_stand() -> None:
    feed = _Feed(NORTH_AT_0, NORTH_AT_1)
    feed.see({1: 0.7, 2: -0.3})
    feed.see({1: 1.05, 2: 0.05})
    feed.passages.set_lines(_lines(SOUTH_AT_1, NORTH_AT_1, NORTH_AT_0), np.array([-1, 1, 0]))
    assert _told(feed.see({1: 1.3, 2: 0.3})) == [(1, 1, 1), (2, 2, 1)]
    assert _told(feed.see({1: 0.7, 2: 0.3})) == [(0, 1, 1), (1, 1, -1)]


def test_the_forgotten_pass_nothing() -> None:
    feed = _Feed(NORTH_AT_0)
    feed.see({1: -0.3})
    assert len(feed.passages) == 1
    feed.passages.forget()
    assert len(feed.passages) == 0
    assert _told(feed.see({1: 0.3})) == []


def test_a_crowd_that_outgrows_its_room_keeps_who_is_who() -> None:
    feed = _Feed(NORTH_AT_0)
    feed.see({1: -0.3})
    feed.see({1: -0.3, **{k: 5.0 * k for k in range(2, 100)}})
    assert _told(feed.see({1: 0.3})) == [(0, 1, 1)]


def test_without_lines_or_people_nothing_passes() -> None:
    assert _told(_Feed().see({1: 0.0})) == []
    assert _told(_Feed(NORTH_AT_0).see({})) == []
