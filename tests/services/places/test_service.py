"""Drawing on cameras: versions, ids, permissions, what running cameras are told, the trail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from backend.core.camera import CameraState, SourceType
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.places import VIEW_CHANGED, CameraPlaces, DrawnView
from backend.core.snapshot import CameraStatus
from backend.db.places import PlaceSet
from backend.services.camera_views import CameraView
from backend.services.places.draft import PlacesDraft, places_draft
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


def turned(world: CameraWorld, camera_id: int, *, state: CameraState = CameraState.RUNNING) -> None:
    """Let the running camera find that it shows another view."""
    world.bus.publish_status(CameraStatus(camera_id, state, places_fault=VIEW_CHANGED))


def running_view(world: CameraWorld, camera_id: int) -> DrawnView:
    return world.engine.running[camera_id].places.view


def test_another_source_puts_the_places_in_doubt_until_they_are_saved_again(
    cameras: CameraWorld, gate: CameraView
) -> None:
    made = cameras.places.replace(ADMIN, gate.id, BOTH)
    cameras.cameras.start(ADMIN, gate.id)
    assert running_view(cameras, gate.id).fault == ""
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://10.0.0.9/other"})
    assert running_view(cameras, gate.id).fault == VIEW_CHANGED
    view = cameras.places.get(VIEWER, gate.id)
    assert (view.fault, view.version) == (VIEW_CHANGED, 2)

    with pytest.raises(ConflictError, match="another source"):
        cameras.places.replace(ADMIN, gate.id, replace(BOTH, version=made.version))
    zone_id = view.zones[0].zone_id
    cameras.places.change_zone(ADMIN, gate.id, zone_id, {"name": "New name"})
    assert cameras.places.get(VIEWER, gate.id).fault == VIEW_CHANGED, "nobody looked at the rest"

    now = cameras.places.get(VIEWER, gate.id)
    same = places_draft(CameraPlaces(now.version, now.zones, now.lines))
    saved = cameras.places.replace(ADMIN, gate.id, replace(same, version=now.version))
    assert (saved.fault, saved.version, saved.zones) == ("", 4, now.zones)
    assert cameras.places.get(VIEWER, gate.id) == saved
    assert cameras.engine.places[gate.id].view.fault == ""
    cameras.places.replace(ADMIN, gate.id, replace(same, version=4))
    assert cameras.places.get(VIEWER, gate.id).version == 4, "nothing to settle any more"


def test_a_doubt_outlives_the_process(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://10.0.0.9/other"})
    after = cameras.restart()
    assert after.places.get(VIEWER, gate.id).fault == VIEW_CHANGED
    after.places.confirm(OPERATOR, gate.id)
    assert after.restart().places.get(VIEWER, gate.id).fault == ""


def test_other_log_in_data_are_no_other_source(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    assert "hunter2" in SECRET_SOURCE
    same_place = SECRET_SOURCE.replace("hunter2", "changed")
    cameras.cameras.update(ADMIN, gate.id, {"source": same_place, "people_limit": 9})
    assert cameras.places.get(VIEWER, gate.id).fault == ""


def test_a_simulation_shows_another_view_only_in_another_scenario(cameras: CameraWorld) -> None:
    made = cameras.cameras.create(
        ADMIN, {"name": "Drill", "source_type": SourceType.SIMULATED, "source": "calm"}
    )
    cameras.places.replace(ADMIN, made.id, BOTH)
    cameras.cameras.update(ADMIN, made.id, {"source": "calm:7"})
    assert cameras.places.get(VIEWER, made.id).fault == ""
    cameras.cameras.update(ADMIN, made.id, {"source": "crush"})
    assert cameras.places.get(VIEWER, made.id).fault == VIEW_CHANGED


def test_places_are_confirmed_as_they_are(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    cameras.cameras.start(ADMIN, gate.id)
    cameras.clock.advance(60)
    cameras.show(gate.id)
    turned(cameras, gate.id)
    before = cameras.places.get(VIEWER, gate.id)
    assert before.fault == VIEW_CHANGED
    cameras.drawn.clear()
    after = cameras.places.confirm(OPERATOR, gate.id, version=before.version)
    assert (after.fault, after.version, after.zones) == ("", 2, before.zones)
    told = cameras.engine.places[gate.id]
    assert told.view.confirmed_at == cameras.clock.now()
    assert told.view.background is not None
    assert cameras.drawn == [(gate.id, told)]
    entry = cameras.audit_entries()[-1]
    assert (entry.action, entry.after) == ("camera.confirm_places", {"version": 2})


def test_what_a_camera_that_is_off_found_last_says_nothing(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    turned(cameras, gate.id, state=CameraState.STOPPED)
    assert cameras.places.get(VIEWER, gate.id).fault == ""


def test_who_may_not_operate_a_camera_confirms_nothing(
    cameras: CameraWorld, gate: CameraView
) -> None:
    with pytest.raises(ConflictError, match="no zones and lines"):
        cameras.places.confirm(ADMIN, gate.id)
    cameras.places.replace(ADMIN, gate.id, BOTH)
    with pytest.raises(PermissionDeniedError):
        cameras.places.confirm(VIEWER, gate.id)
    with pytest.raises(ConflictError):
        cameras.places.confirm(ADMIN, gate.id, version=7)
    with pytest.raises(NotFoundError):
        cameras.places.confirm(ADMIN, 99)
    assert cameras.places.get(VIEWER, gate.id).version == 1


def test_the_first_zone_is_drawn_in_the_view_of_now(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.cameras.start(ADMIN, gate.id)
    cameras.show(gate.id)
    cameras.places.add_zone(ADMIN, gate.id, ZONE)
    first = cameras.engine.places[gate.id].view
    assert (first.confirmed_at, first.background is None) == (cameras.clock.now(), False)
    cameras.clock.advance(60)
    cameras.places.add_zone(ADMIN, gate.id, STAGE)
    second = cameras.engine.places[gate.id].view
    assert second.confirmed_at == first.confirmed_at, "nobody looked at the first one again"
    assert second.background is not None


def test_damaged_landmarks_are_left_out(
    cameras: CameraWorld, gate: CameraView, caplog: pytest.LogCaptureFixture
) -> None:
    cameras.places.replace(ADMIN, gate.id, BOTH)
    with cameras.database() as session, session.begin():
        session.execute(update(PlaceSet).values(background=b"nonsense"))
    cameras.cameras.start(ADMIN, gate.id)
    assert running_view(cameras, gate.id).background is None
    assert "places.landmarks_unreadable" in caplog.text
