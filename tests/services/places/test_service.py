"""Drawing on cameras: versions, ids, permissions, what running cameras are told, the trail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.core.camera import SourceType
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.places import CameraPlaces
from backend.services.camera_views import CameraView
from backend.services.places.draft import PlacesDraft
from tests.services.camera_world import (
    ADMIN,
    OPERATOR,
    OTHER_OPERATOR,
    SECRET_SOURCE,
    VIEWER,
    CameraWorld,
)
from tests.services.places.test_checks import LINE, ZONE

STAGE = replace(ZONE, name="Stage")
BOTH = PlacesDraft((ZONE, STAGE), (LINE,))


@pytest.fixture
def gate(cameras: CameraWorld) -> CameraView:
    """A stored camera nobody has started."""
    return add_camera(cameras, "Gate")


def add_camera(world: CameraWorld, name: str) -> CameraView:
    return world.cameras.create(
        ADMIN, {"name": name, "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )


def test_a_camera_begins_without_places(cameras: CameraWorld, gate: CameraView) -> None:
    view = cameras.places.get(VIEWER, gate.id)
    assert (view.camera_id, view.version, view.zones, view.lines) == (gate.id, 0, (), ())
    with pytest.raises(NotFoundError):
        cameras.places.get(VIEWER, 99)


def test_every_change_is_told_once_it_is_committed(cameras: CameraWorld, gate: CameraView) -> None:
    zone = cameras.places.add_zone(ADMIN, gate.id, ZONE)
    cameras.places.change_zone(ADMIN, gate.id, zone.zone_id, {"name": zone.name})
    cameras.places.remove_zone(ADMIN, gate.id, zone.zone_id)
    assert cameras.drawn == [(gate.id, CameraPlaces(1, (zone,))), (gate.id, CameraPlaces(2))]


def test_a_change_waits_for_no_start_or_stop(cameras: CameraWorld, gate: CameraView) -> None:
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with cameras.launcher.command(gate.id):
            is_held.set()
            may_end.wait(10)

    stopping = threading.Thread(target=hold)
    stopping.start()
    assert is_held.wait(10)
    drawing = threading.Thread(target=cameras.places.add_zone, args=(ADMIN, gate.id, ZONE))
    drawing.start()
    drawing.join(5)
    was_done = not drawing.is_alive()
    may_end.set()
    drawing.join()
    stopping.join()
    assert was_done
    assert cameras.engine.places[gate.id].version == 1


def test_all_places_are_replaced_and_keep_their_order(
    cameras: CameraWorld, gate: CameraView
) -> None:
    service = cameras.places
    first = service.replace(ADMIN, gate.id, BOTH)
    assert first == service.get(VIEWER, gate.id)
    assert (first.version, len(first.lines)) == (1, 1)
    ids = [zone.zone_id for zone in first.zones]
    turned = PlacesDraft(
        (
            replace(STAGE, place_id=ids[1]),
            replace(ZONE, name="New"),
            replace(ZONE, place_id=ids[0], count_limit=9),
        ),
        version=1,
    )
    second = service.replace(ADMIN, gate.id, turned)
    assert second == service.get(VIEWER, gate.id)
    assert [zone.name for zone in second.zones] == ["Stage", "New", "Gate B"]
    assert [second.zones[0].zone_id, second.zones[2].zone_id] == ids[::-1]
    assert second.zones[1].zone_id not in ids
    assert (second.version, second.lines, second.zones[2].count_limit) == (2, (), 9)


def test_single_places_are_added_changed_and_deleted(
    cameras: CameraWorld, gate: CameraView
) -> None:
    service = cameras.places
    zone = service.add_zone(ADMIN, gate.id, ZONE)
    line = service.add_line(ADMIN, gate.id, LINE)
    assert service.zone(VIEWER, gate.id, zone.zone_id) == zone
    assert service.line(VIEWER, gate.id, line.line_id) == line
    changed = service.change_zone(ADMIN, gate.id, zone.zone_id, {"name": "Gate C"})
    assert changed == replace(zone, name="Gate C")
    turned = {"start": LINE.end, "end": LINE.start}
    assert service.change_line(ADMIN, gate.id, line.line_id, turned).start == LINE.end
    service.remove_zone(ADMIN, gate.id, zone.zone_id)
    service.remove_line(ADMIN, gate.id, line.line_id)
    assert service.get(VIEWER, gate.id).version == 6
    for look, place_id in ((service.zone, zone.zone_id), (service.line, line.line_id)):
        with pytest.raises(NotFoundError):
            look(VIEWER, gate.id, place_id)


def test_ids_are_never_given_again(cameras: CameraWorld, gate: CameraView) -> None:
    service = cameras.places
    other = add_camera(cameras, "Hall")
    seen: set[int] = set()
    for _ in range(3):
        for camera in (gate, other):
            zone = service.add_zone(ADMIN, camera.id, ZONE)
            assert zone.zone_id not in seen
            seen.add(zone.zone_id)
            service.remove_zone(ADMIN, camera.id, zone.zone_id)
    cameras.cameras.delete(ADMIN, other.id)
    assert service.add_zone(ADMIN, gate.id, ZONE).zone_id not in seen


def test_nothing_of_a_deleted_camera_is_on_the_next_one(cameras: CameraWorld) -> None:
    old = add_camera(cameras, "Old")
    before = cameras.places.replace(ADMIN, old.id, BOTH)
    cameras.cameras.delete(ADMIN, old.id)
    new = add_camera(cameras, "New")
    assert new.id == old.id, "SQLite gives the number again"
    view = cameras.places.get(VIEWER, new.id)
    assert (view.version, view.zones, view.lines) == (0, (), ())
    cameras.cameras.start(ADMIN, new.id)
    assert cameras.engine.running[new.id].places == CameraPlaces()
    stale = PlacesDraft((replace(ZONE, place_id=before.zones[0].zone_id),), version=0)
    with pytest.raises(InvalidInputError, match="none with the id"):
        cameras.places.replace(ADMIN, new.id, stale)
    drawn = cameras.places.replace(ADMIN, new.id, BOTH)
    assert {zone.zone_id for zone in drawn.zones}.isdisjoint(
        {zone.zone_id for zone in before.zones}
    )


def test_of_two_who_draw_at_once_one_is_told(cameras: CameraWorld, gate: CameraView) -> None:
    service = cameras.places
    service.replace(ADMIN, gate.id, replace(BOTH, version=0))
    late: list[Callable[[], object]] = [
        lambda: service.replace(ADMIN, gate.id, PlacesDraft(version=0)),
        lambda: service.add_zone(ADMIN, gate.id, replace(ZONE, name="x"), version=0),
        lambda: service.add_line(ADMIN, gate.id, replace(LINE, name="x"), version=2),
        lambda: service.change_zone(ADMIN, gate.id, 1, {"name": "x"}, version=0),
        lambda: service.change_line(ADMIN, gate.id, 1, {"name": "x"}, version=0),
        lambda: service.remove_zone(ADMIN, gate.id, 1, version=0),
        lambda: service.remove_line(ADMIN, gate.id, 1, version=0),
    ]
    for change in late:
        with pytest.raises(ConflictError, match="Look at them as they are now"):
            change()
    assert service.get(VIEWER, gate.id).version == 1
    service.remove_zone(ADMIN, gate.id, 1, version=1)
    assert service.get(VIEWER, gate.id).version == 2


def test_what_changes_nothing_is_no_version(cameras: CameraWorld, gate: CameraView) -> None:
    service = cameras.places
    view = service.replace(ADMIN, gate.id, BOTH)
    trail, told = cameras.audit_actions(), list(cameras.engine.log)
    same = PlacesDraft(
        tuple(replace(d, place_id=z.zone_id) for d, z in zip(BOTH.zones, view.zones, strict=True)),
        (replace(LINE, place_id=view.lines[0].line_id),),
    )
    assert service.replace(ADMIN, gate.id, same) == view
    service.change_zone(ADMIN, gate.id, view.zones[0].zone_id, {"name": " Gate  B"})
    corners = [list(corner) for corner in view.zones[0].corners]
    service.change_zone(ADMIN, gate.id, view.zones[0].zone_id, {"corners": corners})
    assert service.get(VIEWER, gate.id) == view
    assert (cameras.audit_actions(), cameras.engine.log) == (trail, told)


def test_a_running_camera_is_told_without_a_restart(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.places.add_zone(ADMIN, gate.id, ZONE)
    cameras.cameras.start(ADMIN, gate.id)
    begun = cameras.engine.running[gate.id].places
    assert (begun.version, [zone.name for zone in begun.zones]) == (1, ["Gate B"])
    cameras.places.add_line(ADMIN, gate.id, LINE)
    told = cameras.engine.places[gate.id]
    assert (told.version, told.zones, told.lines[0].name) == (2, begun.zones, "Door")
    assert cameras.engine.log == ["places 1 1", "start 1", "places 1 2"]
    assert len(cameras.engine.started) == 1
    assert cameras.launcher.describe(gate.id).places == told
    config, _ = cameras.launcher.plan_run(gate.id)
    assert config.places == told


def test_whoever_may_manage_a_camera_may_draw(cameras: CameraWorld, gate: CameraView) -> None:
    service = cameras.places
    for actor in (OPERATOR, VIEWER):
        with pytest.raises(PermissionDeniedError):
            service.replace(actor, gate.id, BOTH)
        with pytest.raises(PermissionDeniedError):
            service.add_zone(actor, gate.id, replace(ZONE, name=""))
    clip = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    service.replace(OPERATOR, clip.id, BOTH)
    with pytest.raises(PermissionDeniedError):
        service.remove_zone(OTHER_OPERATOR, clip.id, 1)
    assert len(service.get(OTHER_OPERATOR, clip.id).zones) == 2
    for change in (service.get, lambda a, c: service.replace(a, c, BOTH)):
        with pytest.raises(NotFoundError):
            change(VIEWER, clip.id)
    assert service.get(VIEWER, gate.id).zones == ()


def test_a_place_of_another_camera_is_not_found(cameras: CameraWorld, gate: CameraView) -> None:
    other = add_camera(cameras, "Hall")
    zone = cameras.places.add_zone(ADMIN, other.id, ZONE)
    line = cameras.places.add_line(ADMIN, other.id, LINE)
    changes: list[Callable[[], object]] = [
        lambda: cameras.places.zone(ADMIN, gate.id, zone.zone_id),
        lambda: cameras.places.change_zone(ADMIN, gate.id, zone.zone_id, {"name": "x"}),
        lambda: cameras.places.remove_zone(ADMIN, gate.id, zone.zone_id),
        lambda: cameras.places.change_line(ADMIN, gate.id, line.line_id, {"name": "x"}),
        lambda: cameras.places.remove_line(ADMIN, gate.id, line.line_id),
    ]
    for change in changes:
        with pytest.raises(NotFoundError):
            change()
    assert cameras.places.get(ADMIN, other.id).version == 2
    # a file of the other camera leaves what it came from alone
    taken = PlacesDraft((replace(ZONE, place_id=zone.zone_id),))
    assert cameras.places.replace(ADMIN, gate.id, taken).zones[0].zone_id != zone.zone_id
    assert cameras.places.zone(ADMIN, other.id, zone.zone_id) == zone


def test_a_simulated_camera_has_places_too(cameras: CameraWorld) -> None:
    drill = cameras.cameras.create(
        ADMIN, {"name": "Drill", "source_type": SourceType.SIMULATED, "source": "calm"}
    )
    assert len(cameras.places.replace(ADMIN, drill.id, BOTH).zones) == 2


def test_what_is_refused_changes_nothing(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    view = cameras.places.get(ADMIN, gate.id)
    with pytest.raises(InvalidInputError) as caught:
        cameras.places.replace(ADMIN, gate.id, PlacesDraft((replace(ZONE, name=""), ZONE, ZONE)))
    assert [p.pointer for p in caught.value.problems] == ["/zones/0/name", "/zones/2/name"]
    assert cameras.places.get(ADMIN, gate.id) == view
    assert cameras.audit_actions()[-1] == "camera.places"


def test_every_change_is_in_the_trail(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.clock.advance(60)
    cameras.places.replace(ADMIN, gate.id, BOTH)
    cameras.places.remove_line(ADMIN, gate.id, 1)
    first, second = cameras.audit_entries()[-2:]
    assert (first.action, first.username, first.object_id) == ("camera.places", "ada", str(gate.id))
    assert first.before == {"version": 0, "zones": [], "lines": []}
    assert first.after is not None
    assert [zone["name"] for zone in first.after["zones"]] == ["Gate B", "Stage"]
    assert second.before is not None
    assert second.before["lines"][0]["name"] == "Door"
    assert second.after == {"version": 2, "zones": [], "lines": []}
    assert cameras.camera_row(gate.id).updated_at == cameras.clock.now()
