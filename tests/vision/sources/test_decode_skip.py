"""What is left out, decided from numbers alone."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest

from backend.vision.sources.decode_skip import PictureOrder, Skip, SkipPlan

PERIOD_S = 0.04


@dataclass
class Camera:
    """Sends 25 pictures a second: keys every ``gop``, of the others ``b_run`` of ``b_run + 1``
    are non-reference. A decoder without delay answers."""

    gop: int = 250
    b_run: int = 0
    plan: SkipPlan = field(default_factory=SkipPlan)
    sent: int = 0
    seen: list[int] = field(default_factory=list)

    def play(self, pictures: int, wanted_rate_hz: float | None) -> list[int]:
        """Return the numbers of the pictures that came out."""
        came = []
        for number in range(self.sent, self.sent + pictures):
            is_key = number % self.gop == 0
            goes_in = self.plan.choose(
                is_key=is_key, sent_s=number * PERIOD_S, wanted_rate_hz=wanted_rate_hz
            )
            is_reference = is_key or (number % self.gop) % (self.b_run + 1) == 0
            if not goes_in or (self.plan.skip is Skip.NON_REFERENCE and not is_reference):
                continue
            if self.plan.skip is Skip.BETWEEN_KEYS:
                self.plan.key_decoded(came=True)
            self.plan.delivered(number - (self.seen[-1] if self.seen else number - 1) - 1)
            self.seen.append(number)
            came.append(number)
        self.sent += pictures
        return came

    def longest_gap_s(self, came: list[int]) -> float:
        return max(b - a for a, b in itertools.pairwise(came)) * PERIOD_S


def test_everything_is_decoded_unless_somebody_says_how_much_is_wanted() -> None:
    assert Camera(gop=1).play(200, None) == list(range(200))
    assert len(Camera(gop=25, b_run=3).play(200, 25.0)) == 200


def test_non_reference_pictures_are_left_out_where_every_second_one_will_do() -> None:
    camera = Camera(b_run=1)
    camera.play(50, 12.0)
    came = camera.play(100, 12.0)
    assert camera.plan.skip is Skip.NON_REFERENCE
    assert len(came) == 50
    assert camera.longest_gap_s(came) <= 1 / 12.0
    assert len(camera.play(100, 20.0)) == 100, "every second one would not do"


def test_a_stream_that_then_delivers_too_little_is_decoded_in_full_at_once() -> None:
    camera = Camera(b_run=3)
    camera.play(50, 12.0)
    came = camera.play(500, 12.0)
    assert camera.plan.skip is Skip.NOTHING
    assert len(came) >= 490, "found out by the first gap"
    few = camera.play(100, 5.0)
    assert camera.plan.skip is Skip.NON_REFERENCE, "0.16 s is short enough for five a second"
    assert len(few) == pytest.approx(25, abs=3)


def test_a_stream_that_falls_silent_without_its_non_reference_pictures_is_decoded_in_full() -> None:
    plan = SkipPlan()
    for number in range(120):
        plan.choose(is_key=number == 0, sent_s=number * PERIOD_S, wanted_rate_hz=5.0)
        if plan.skip is Skip.NOTHING:
            plan.delivered(0)
    assert plan.skip is Skip.NOTHING


def test_only_keys_are_decoded_when_they_come_as_often_as_wanted() -> None:
    camera = Camera(gop=25)
    camera.play(100, 1.0)
    assert camera.play(250, 1.0) == list(range(100, 350, 25))
    camera = Camera(gop=50)
    camera.play(200, 1.0)
    assert camera.plan.skip is Skip.NON_REFERENCE, "keys every two seconds are too few for one"


def test_after_keys_only_everything_begins_at_a_key() -> None:
    camera = Camera(gop=25)
    camera.play(110, 1.0)
    came = camera.play(90, None)
    assert came == list(range(125, 200))


def test_keys_that_give_no_picture_are_not_relied_upon() -> None:
    plan = SkipPlan()
    for number in range(400):
        is_key = number % 25 == 0
        goes_in = plan.choose(is_key=is_key, sent_s=number * PERIOD_S, wanted_rate_hz=1.0)
        if goes_in and plan.skip is Skip.BETWEEN_KEYS:
            plan.key_decoded(came=False)
    assert plan.skip is not Skip.BETWEEN_KEYS
    assert plan.key_interval_s is None


def test_keys_that_come_more_seldom_than_before_are_noticed() -> None:
    camera = Camera(gop=25)
    camera.play(150, 1.0)
    assert camera.plan.skip is Skip.BETWEEN_KEYS
    camera.gop = 100
    camera.play(500, 1.0)
    assert camera.plan.skip is Skip.NON_REFERENCE


def test_of_a_stream_of_keys_some_more_than_wanted_are_decoded() -> None:
    camera = Camera(gop=1)
    camera.play(50, 5.0)
    came = camera.play(250, 5.0)
    assert 5.0 <= len(came) / 10 <= 10.0
    assert camera.longest_gap_s(came) <= 0.2
    assert len(camera.play(100, 12.0)) == 100, "with the margin every one is wanted"


def test_a_new_time_base_is_measured_anew() -> None:
    camera = Camera(gop=25)
    camera.play(100, 1.0)
    camera.sent = 0
    camera.seen.clear()
    camera.play(60, 1.0)
    assert camera.plan.period_s == pytest.approx(PERIOD_S)


def test_pictures_are_counted_in_the_order_they_are_shown() -> None:
    order = PictureOrder()
    for pts in (0, 3, 1, 2, 6, 4, 5):
        order.sent(pts)
    assert [order.came(pts) for pts in (0, 1, 3, 6)] == [0, 0, 1, 2]


def test_pictures_sent_before_the_first_that_came_are_none_left_out() -> None:
    order = PictureOrder()
    for pts in range(10):
        order.sent(pts)
    assert order.came(7) == 0
    assert order.came(9) == 1


def test_pictures_without_a_stamp_are_counted_as_they_come() -> None:
    order = PictureOrder()
    order.sent(None)
    assert order.came(None) == 0
    for _ in range(5):
        order.sent(None)
    assert order.came(None) == 4


def test_a_decoder_that_never_answers_is_not_waited_for_without_bound() -> None:
    order = PictureOrder()
    for pts in range(5000):
        order.sent(pts)
    assert order.came(4999) == 0
