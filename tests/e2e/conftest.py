"""One real process for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Client, World, make_world
from tests.fixtures_rtsp import rtsp_camera

__all__ = ["rtsp_camera"]


@pytest.fixture(scope="session")
def world(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running CrowdSafe with the real network of the test assets."""
    running = make_world(
        tmp_path_factory.mktemp("home"), model=assets / "models" / "yolo11n_int8_openvino_model"
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def admin(world: World) -> Client:
    """A logged-in administrator."""
    return world.admin()
