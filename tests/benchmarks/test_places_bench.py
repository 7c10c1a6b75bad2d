"""What the places benchmark times and counts; the measuring itself takes a minute."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import shapely

from benchmarks.places_bench import count_lines, line_error
from benchmarks.tracking_score import Sighting
from benchmarks.walking_crowd import PICTURE_WH
from benchmarks.walking_places import many_lines, many_zones, place_frames


def test_one_walk_to_the_right_passes_two_of_the_three_lines() -> None:
    walk = [
        Sighting(np.array([4]), np.array([[x - 12.0, 170.0, x + 12.0, 240.0]]))
        for x in np.arange(250.0, 500.0, 10.0)
    ]
    found = count_lines(walk, 7.0)
    assert [(each.count_in, each.count_out) for each in found] == [(1, 0), (0, 0), (1, 0)]


def test_every_passage_too_many_or_too_few_is_an_error() -> None:
    true = count_lines([], 7.0)
    true = tuple(dataclasses.replace(each, count_in=10, count_out=5) for each in true)
    ours = (true[0], dataclasses.replace(true[1], count_in=8, count_out=7), true[2])
    found = line_error(ours, true)
    assert found["value"] == pytest.approx(4 / 45, abs=1e-3)
    assert "level in 8 of 10, out 7 of 5" in found["note"]


def test_zones_and_lines_are_as_people_draw_them() -> None:
    zones = [shapely.Polygon(zone.corners) for zone in many_zones(200)]
    assert all(zone.is_valid and shapely.box(0, 0, 1, 1).contains(zone) for zone in zones)
    assert all(line.start != line.end for line in many_lines(200))


def test_the_crowd_is_measured_in_metres_with_a_map() -> None:
    frame = next(itertools.islice(place_frames(40), 3, None))
    assert frame.feet_px.shape == (40, 2)
    assert (frame.feet_px <= PICTURE_WH).all()
    assert frame.view is not None
    assert frame.hybrid is not None
    assert frame.facts.crowd_map is not None
    assert frame.facts.crowd_map.total == 40
