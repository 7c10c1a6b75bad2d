"""Dots at heads that stand out, where the map counts and no box marks the person."""

from __future__ import annotations

import numpy as np

from backend.core.camera import Overlay
from backend.vision.overlay import OverlayRenderer, palette
from backend.vision.overlay.heads import MOST_DOTS, choose_heads
from backend.vision.overlay.map_heat import LiveMap
from tests import builders
from tests.vision.overlay.maps import WH, crowd_map, snapshot, whole


def test_heads_are_shown_where_the_map_counts_more_than_the_boxes() -> None:
    shares = whole(0.2)
    shares[:, 40:] = 0.8
    live = LiveMap(crowd_map(heads=[[100, 100], [400, 100], [330, 5]]), shares)
    assert choose_heads(live, ()).tolist() == [[400, 100], [330, 5]]


def test_somebody_in_a_box_is_marked_already() -> None:
    box = builders.track_views((90, 80, 130, 200))
    live = LiveMap(crowd_map(heads=[[110, 92], [110, 170], [140, 92]]), whole())
    assert choose_heads(live, box).tolist() == [[110, 170], [140, 92]], "a head behind stays"


def test_the_most_certain_are_kept_of_very_many() -> None:
    many = np.random.default_rng(1).uniform(0, 470, (3000, 2)).astype(np.float32)
    chosen = choose_heads(LiveMap(crowd_map(heads=many), whole()), ())
    assert np.array_equal(chosen, many[:MOST_DOTS])


def test_dots_are_drawn_with_the_boxes_and_small() -> None:
    heads = [[200, 300], [400, 120]]
    plain = builders.image(width=WH[0], height=WH[1], value=90)
    with_map = snapshot(crowd_map(heads=heads), whole())
    for out_wh in (WH, (320, 240)):
        shown = OverlayRenderer().render(
            plain, with_map, overlays=frozenset({Overlay.BOXES}), out_wh=out_wh
        )
        scale = out_wh[0] / WH[0]
        drawn_px = np.count_nonzero((shown != 90).any(axis=2))
        assert 8 <= drawn_px / len(heads) <= 60
        for x, y in heads:
            middle = shown[round(y * scale), round(x * scale)].astype(int)
            assert np.abs(middle - palette.PERSON).max() < 90
    without = OverlayRenderer().render(plain, with_map, overlays=frozenset({Overlay.TRAILS}))
    assert np.array_equal(without, plain)


def test_without_a_map_that_counts_there_are_no_heads() -> None:
    plain = builders.image(width=WH[0], height=WH[1], value=90)
    expired = snapshot(None, None, stream_time_s=8.0)
    shown = OverlayRenderer().render(plain, expired, overlays=frozenset({Overlay.BOXES}))
    assert np.array_equal(shown, plain)
