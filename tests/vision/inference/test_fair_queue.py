"""Shares, the floor under them, and what nobody may save up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.vision.inference.fair_queue import FairQueue

NEVER_S = 1e9


def serve_always_hungry(
    weights: Mapping[str, float],
    *,
    rounds: int,
    costs: Mapping[str, float] | None = None,
    service_s: float = 0.02,
    patience_s: float = NEVER_S,
) -> tuple[Counter[str], dict[str, float]]:
    """Serve members that ask again at once; return their servings and longest waits."""
    queue = FairQueue()
    for name, weight in weights.items():
        queue.join(name, weight=weight, patience_s=patience_s)
    served: Counter[str] = Counter()
    asked = dict.fromkeys(weights, 0.0)
    longest = dict.fromkeys(weights, 0.0)
    for name in weights:
        queue.ask(name, now_s=0.0, cost=(costs or {}).get(name, 1.0))
    for number in range(rounds):
        now_s = number * service_s
        name = queue.serve(now_s)
        assert isinstance(name, str)
        served[name] += 1
        longest[name] = max(longest[name], now_s - asked[name])
        asked[name] = now_s
        queue.ask(name, now_s=now_s, cost=(costs or {}).get(name, 1.0))
    return served, longest


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 16), st.integers(1, 40))
def test_equal_weights_get_equal_shares(members: int, turns_each: int) -> None:
    served, _ = serve_always_hungry(
        {f"c{n}": 2.0 for n in range(members)}, rounds=members * turns_each
    )
    assert set(served.values()) == {turns_each}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([1.0, 2.0, 4.0, 8.0]), min_size=2, max_size=12))
def test_shares_follow_weights(weights: list[float]) -> None:
    named = {f"c{n}": weight for n, weight in enumerate(weights)}
    rounds = 20 * int(sum(weights))
    served, _ = serve_always_hungry(named, rounds=rounds)
    for name, weight in named.items():
        assert served[name] == pytest.approx(rounds * weight / sum(weights), abs=2)


def test_four_to_one_under_overload() -> None:
    served, _ = serve_always_hungry({"calm": 1.0, "risky": 4.0}, rounds=500)
    assert served == {"risky": 400, "calm": 100}


def test_a_costly_member_is_served_less_often() -> None:
    served, _ = serve_always_hungry(
        {"whole": 1.0, "tiled": 1.0}, rounds=1300, costs={"tiled": 12.0}
    )
    assert served["whole"] == pytest.approx(12 * served["tiled"], rel=0.02)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([1.0, 2.0, 4.0, 8.0]), min_size=2, max_size=12),
    st.sampled_from([0.02, 0.05]),
)
def test_nobody_waits_much_longer_than_their_patience(
    weights: list[float], service_s: float
) -> None:
    named = {f"c{n}": weight for n, weight in enumerate(weights)}
    _, longest = serve_always_hungry(named, rounds=1500, service_s=service_s, patience_s=0.8)
    # every second serving goes to those overdue, the oldest of at most as many as there are
    assert max(longest.values()) <= 0.8 + 2 * len(weights) * service_s


def test_weights_count_even_where_everybody_is_overdue() -> None:
    named = {**{f"calm{n}": 1.0 for n in range(11)}, "risky": 8.0}
    served, longest = serve_always_hungry(named, rounds=1000, service_s=0.25, patience_s=0.8)
    calm = [served[name] for name in named if name != "risky"]
    assert served["risky"] > 3 * max(calm)
    assert max(longest.values()) <= 0.25 * 2 * len(named) + 0.8


def test_a_member_that_was_away_has_saved_nothing_up() -> None:
    queue = FairQueue()
    for name in ("here", "away"):
        queue.join(name, weight=1.0, patience_s=NEVER_S)
    for _ in range(100):
        queue.ask("here", now_s=0.0)
        assert queue.serve(0.0) == "here"
    order = []
    for name in ("here", "away"):
        queue.ask(name, now_s=0.0)
    for _ in range(20):
        name = queue.serve(0.0)
        assert name is not None
        order.append(name)
        queue.ask(name, now_s=0.0)
    assert 9 <= order.count("away") <= 11


def test_a_heavy_member_that_is_away_after_each_serving_still_gets_its_share() -> None:
    queue = FairQueue()
    members = ["risky", *(f"calm{n}" for n in range(11))]
    for name in members:
        queue.join(name, weight=8.0 if name == "risky" else 1.0, patience_s=NEVER_S)
        queue.ask(name, now_s=0.0)
    served: Counter[object] = Counter()
    away: list[object] = []
    for _ in range(1200):
        name = queue.serve(0.0)
        served[name] += 1
        away.append(name)  # three pictures are in the network at any time
        if len(away) == 3:
            queue.ask(away.pop(0), now_s=0.0)  # type: ignore[arg-type]
    assert served["risky"] > 3 * max(served[name] for name in members[1:])


def test_a_survey_is_paid_for_but_not_for_ever() -> None:
    queue = FairQueue()
    for name in ("surveyor", "other"):
        queue.join(name, weight=1.0, patience_s=NEVER_S)
    queue.ask("surveyor", now_s=0.0)
    assert queue.serve(0.0) == "surveyor"
    queue.charge("surveyor", 12.0)
    order = []
    for name in ("surveyor", "other"):
        queue.ask(name, now_s=0.0)
    for _ in range(40):
        name = queue.serve(0.0)
        order.append(name)
        queue.ask(name, now_s=0.0)  # type: ignore[arg-type]
    assert 11 <= order.index("surveyor") <= 14
    assert order[20:].count("surveyor") == 10


def test_a_place_that_becomes_risky_is_served_more_at_once() -> None:
    queue = FairQueue()
    for name in ("a", "b", "c"):
        queue.join(name, weight=1.0, patience_s=NEVER_S)
        queue.ask(name, now_s=0.0)

    def serve(count: int) -> Counter[object]:
        served: Counter[object] = Counter()
        for _ in range(count):
            name = queue.serve(0.0)
            assert name is not None
            served[name] += 1
            queue.ask(name, now_s=0.0)
        return served

    assert set(serve(30).values()) == {10}
    queue.set_weight("a", 8.0)
    assert serve(100)["a"] == pytest.approx(80, abs=2)
    queue.set_weight("a", 1.0)
    assert serve(30)["a"] == pytest.approx(10, abs=2)


def test_members_come_go_and_step_away() -> None:
    queue = FairQueue()
    assert queue.serve(0.0) is None
    queue.leave("stranger")
    queue.step_away("stranger")
    for name in ("first", "second"):
        queue.join(name, weight=1.0, patience_s=1.0)
        queue.ask(name, now_s=0.0)
    assert len(queue) == 2
    queue.step_away("first")
    assert len(queue) == 1
    assert queue.serve(0.0) == "second"
    assert queue.serve(0.0) is None
    queue.ask("second", now_s=0.0)
    queue.ask("first", now_s=0.0)
    assert queue.serve(0.0) == "first", "it kept its number"
    queue.leave("second")
    assert queue.serve(0.0) is None
    for wrong in ({"weight": 0.0, "patience_s": 1.0}, {"weight": 1.0, "patience_s": 0.0}):
        with pytest.raises(ValueError, match="positive"):
            queue.join("third", **wrong)
