"""Worlds for the services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.camera_world import CameraWorld


@pytest.fixture
def cameras(manual_clock: ManualClock, tmp_path: Path) -> Iterator[CameraWorld]:
    """Camera use cases with people, without cameras."""
    engine = make_engine()
    world = CameraWorld(manual_clock, tmp_path, engine)
    world.add_people()
    yield world
    engine.dispose()
