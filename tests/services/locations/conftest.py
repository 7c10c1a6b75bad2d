"""Worlds for locations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.locations.location_world import LocationWorld


@pytest.fixture
def world(manual_clock: ManualClock) -> Iterator[LocationWorld]:
    """Cameras with zones and lines, without locations."""
    engine = make_engine()
    world = LocationWorld(manual_clock, engine)
    world.add_cameras()
    yield world
    engine.dispose()
