"""Landmarks for places that were drawn before any picture was there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.camera import CameraState, SourceType
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus
from backend.services.places.draft import PlacesDraft
from backend.services.places.stored import load_places
from tests import builders
from tests.services.camera_world import ADMIN, SECRET_SOURCE, CameraWorld
from tests.services.places.test_checks import LINE, ZONE

BOTH = PlacesDraft((ZONE,), (LINE,))


@pytest.fixture
def gate_id(cameras: CameraWorld) -> int:
    """A running camera with a zone and a line drawn while it was off."""
    gate = cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )
    cameras.places.replace(ADMIN, gate.id, BOTH)
    cameras.cameras.start(ADMIN, gate.id)
    return gate.id


def stored(world: CameraWorld, camera_id: int) -> CameraPlaces:
    with world.database() as session:
        return load_places(session, camera_id)


def show(world: CameraWorld, camera_id: int, *, fault: str = "") -> None:
    """Publish a picture that was measured with the places the camera was started with."""
    world.show(camera_id)
    seen = world.frames[camera_id]
    places = world.engine.running[camera_id].places
    snapshot = replace(seen.snapshot, camera_places=places)
    world.frames[camera_id] = replace(seen, snapshot=snapshot)
    world.bus.publish(snapshot, seen.frame)
    world.bus.publish_status(CameraStatus(camera_id, CameraState.RUNNING, places_fault=fault))


def test_they_are_stored_once_a_clean_picture_comes(cameras: CameraWorld, gate_id: int) -> None:
    cameras.scenery.step()
    show(cameras, gate_id, fault="It shows something else.")
    cameras.scenery.step()
    assert stored(cameras, gate_id).view.background is None
    show(cameras, gate_id)
    cameras.scenery.step()
    background = stored(cameras, gate_id).view.background
    assert background is not None
    assert background.picture_wh == (640, 360)
    assert stored(cameras, gate_id).version == 1, "the places are what they were"
    assert cameras.engine.log == [f"places {gate_id} 1", f"start {gate_id}"]


def test_they_are_stored_once_and_for_all(cameras: CameraWorld, gate_id: int) -> None:
    show(cameras, gate_id)
    cameras.scenery.step()
    first = stored(cameras, gate_id).view.background
    cameras.clock.advance(60)
    show(cameras, gate_id)
    other = builders.frame(picture=builders.scenery(640, 360, seed=9))
    cameras.frames[gate_id] = replace(cameras.frames[gate_id], frame=other)
    cameras.scenery.step()
    again = stored(cameras, gate_id).view.background
    assert first is not None
    assert again is not None
    assert (again.points_px == first.points_px).all()


def test_another_scene_is_not_learnt(cameras: CameraWorld, gate_id: int) -> None:
    cameras.cameras.update(ADMIN, gate_id, {"source": "rtsp://10.0.0.9/other"})
    show(cameras, gate_id)
    cameras.scenery.step()
    assert stored(cameras, gate_id).view.background is None


def test_those_taken_when_they_were_saved_stay(cameras: CameraWorld, gate_id: int) -> None:
    show(cameras, gate_id)
    cameras.places.confirm(ADMIN, gate_id)
    with cameras.database() as session:
        places = load_places(session, gate_id)
    assert places.view.background is not None
    assert places.view.confirmed_at == cameras.clock.now()
