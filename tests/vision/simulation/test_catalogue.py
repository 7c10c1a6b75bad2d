"""The scenarios by name, and the calibration their camera really has."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from shapely import Polygon

from backend.core.errors import InvalidInputError
from backend.crowd.calibration import MonitoredGround, ground_positions
from backend.vision.simulation.catalogue import (
    MAX_SEED,
    SCENARIOS,
    ground_truth_calibration,
    parse_source,
)
from backend.vision.simulation.places import PLACES

NAMES = ("calm", "peak", "bottleneck", "surge", "counter-flow", "crush")


def test_these_are_the_scenarios() -> None:
    assert tuple(SCENARIOS) == NAMES
    assert set(PLACES) == set(NAMES)


@pytest.mark.parametrize(
    ("text", "name", "seed"),
    [
        ("calm", "calm", 0),
        (" Counter-Flow ", "counter-flow", 0),
        ("crush:7", "crush", 7),
        (f"peak: {MAX_SEED}", "peak", MAX_SEED),
    ],
)
def test_a_source_names_scenario_and_seed(text: str, name: str, seed: int) -> None:
    scenario, found = parse_source(text)
    assert (scenario.name, found) == (name, seed)


@pytest.mark.parametrize(
    "text", ["", "panic", "crush:", "crush:-1", "crush:1.5", "crush:²", f"calm:{MAX_SEED + 1}"]
)
def test_anything_else_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_source(text)
    assert refused.value.field == "source"


def test_the_catalogue_loads_no_simulation() -> None:
    code = (
        "import sys, backend.vision.simulation.catalogue, backend.vision.sources;"
        "sys.exit(sum(name in sys.modules for name in ('jupedsim', 'shapely', 'cv2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_calibration_puts_bodies_where_they_stand(name: str) -> None:
    place, calibration = PLACES[name], ground_truth_calibration(name)
    plane, ground = MonitoredGround.from_calibration(calibration, place.camera.picture_wh)
    west, south, east, north = Polygon(place.monitored).bounds
    x, y = np.meshgrid(np.linspace(west, east, 15), np.linspace(south, north, 15))
    people = np.stack([x.ravel(), y.ravel()], axis=1)
    people = people[ground.contains(people)]
    boxes = place.camera.body_boxes(people).astype(np.float32).astype(np.float64)
    placed = ground_positions(
        boxes,
        plane=plane,
        picture_wh=place.camera.picture_wh,
        height_model=plane.height_model(place.camera.picture_wh),
    )
    assert not placed.is_inferred.any()
    assert np.abs(placed.world_m - people).max() < 0.05
    assert ground.area_m2 == pytest.approx(Polygon(place.monitored).area, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_places_fit_together(name: str) -> None:
    place = PLACES[name]
    walkable, seen = Polygon(place.walkable), Polygon(place.seen)
    assert walkable.is_valid
    assert walkable.buffer(0.01).contains(Polygon(place.monitored))
    assert seen.buffer(0.01).contains(Polygon(place.monitored))
    for way in (*place.entries.values(), *place.exits.values()):
        assert walkable.contains(Polygon(way.outline))
        assert not seen.intersects(Polygon(way.outline))
    width, height = place.camera.picture_wh
    feet = place.camera.to_image(np.array(place.seen))
    assert ((feet > 0) & (feet < (width, height))).all()
