"""A new installation begins with a simulated crowd, once."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import select

from backend.core.camera import SourceType
from backend.db.base import make_session_factory
from backend.db.cameras import Camera
from backend.services.simulation.first_camera import ensure_first_camera
from backend.vision.simulation.catalogue import SCENARIOS
from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.camera_world import ADMIN, SECRET_SOURCE, CameraWorld

KEY = Fernet.generate_key().decode()


def test_an_empty_installation_gets_one_that_runs(manual_clock: ManualClock) -> None:
    engine = make_engine()
    camera_id = ensure_first_camera(engine, encryption_key=KEY, clock=manual_clock)
    with make_session_factory(engine)() as session:
        camera = session.scalars(select(Camera)).one()
    assert camera.id == camera_id
    assert (camera.name, camera.source_type) == ("Simulated crowd", "simulated")
    assert (camera.should_run, camera.record, camera.owner_id) == (True, False, None)
    assert camera.people_limit == SCENARIOS["peak"].people_limit
    assert len(camera.exits) == len(SCENARIOS["peak"].exits)
    assert ensure_first_camera(engine, encryption_key=KEY) is None
    engine.dispose()


def test_it_starts_with_the_server_and_never_comes_back(
    manual_clock: ManualClock, tmp_path: Path
) -> None:
    engine = make_engine()
    world = CameraWorld(manual_clock, tmp_path, engine, key=KEY)
    world.add_people()
    camera_id = ensure_first_camera(engine, encryption_key=KEY, clock=manual_clock)
    assert camera_id is not None
    world.launcher.resume_wishes()
    assert world.engine.running[camera_id].spec.source_type is SourceType.SIMULATED
    assert world.wanted == {camera_id: False}
    world.cameras.stop(ADMIN, camera_id)
    assert world.restart().engine.running == {}, "stopped stays stopped"
    world.cameras.delete(ADMIN, camera_id)
    assert ensure_first_camera(engine, encryption_key=KEY, clock=manual_clock) is None
    assert world.cameras.visible(ADMIN) == []
    engine.dispose()


def test_where_a_camera_is_or_was_there_is_none(cameras: CameraWorld) -> None:
    view = cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )
    assert ensure_first_camera(cameras.sql, encryption_key=KEY) is None
    cameras.cameras.delete(ADMIN, view.id)
    assert ensure_first_camera(cameras.sql, encryption_key=KEY) is None
