"""Counting a picture: blind, of now, once; who may, what is noted, and what comes of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from backend.core.camera import SourceType
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from backend.core.measurements import CrowdPicture
from backend.core.places import PlaceReadings
from backend.core.trust import Trust
from backend.db.spot_counts import SpotCount
from backend.pipeline.camera_feed import AnalysedFrame
from backend.services.audit import AuditLog
from backend.services.places.draft import ZoneDraft
from backend.services.spot_counts.draft import MOST_COUNTED, NOTE_MAX, SpotCountDraft
from backend.services.spot_counts.service import SpotCountService
from backend.services.spot_counts.views import CountedArea
from tests import builders
from tests.builders import ManualClock
from tests.services.camera_world import (
    ADMIN,
    OPERATOR,
    OTHER_OPERATOR,
    SECRET_SOURCE,
    VIEWER,
    CameraWorld,
)

CORNERS = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
GREY = 40


@pytest.fixture
def gate(cameras: CameraWorld) -> int:
    fields: Any = {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    return cameras.cameras.create(ADMIN, fields).id


@pytest.fixture
def counting(cameras: CameraWorld) -> SpotCountService:
    return SpotCountService(
        session_factory=cameras.database,
        clock=cameras.clock,
        audit=AuditLog(clock=cameras.clock),
        live=cameras.live,
        newest=cameras.frames.get,
    )


def show(
    world: CameraWorld,
    camera_id: int,
    *,
    count: float = 38.4,
    trust: Trust = Trust.OK,
    zone_count: float = 0.0,
    picture: CrowdPicture | None = None,
) -> None:
    """Publish a grey picture of now in which so many are measured, some in each zone."""
    drawn = world.places.get(ADMIN, camera_id)
    places = builders.camera_places(*drawn.zones, version=drawn.version)
    crowd = builders.metrics(
        count=count,
        count_low=count - 5.2,
        count_high=count + 5.5,
        trust=trust,
        trust_reason="The picture is black." if trust is Trust.UNKNOWN else "",
    )
    snapshot = builders.snapshot(
        camera_id=camera_id,
        crowd=crowd,
        picture=picture or CrowdPicture(builders.track_views((100, 100, 140, 200))),
        camera_places=places,
        places=builders.place_readings(places, count=zone_count),
        published_mono_s=world.clock.monotonic(),
    )
    snapshot = replace(snapshot, captured_at=world.clock.now())
    frame = builders.frame(picture=builders.image(value=GREY))
    world.frames[camera_id] = AnalysedFrame(snapshot, frame)
    world.bus.publish(snapshot, frame)


def add_zone(world: CameraWorld, camera_id: int, name: str = "Stage") -> int:
    return world.places.add_zone(ADMIN, camera_id, ZoneDraft(name=name, corners=CORNERS)).zone_id


def rows(world: CameraWorld) -> list[SpotCount]:
    with world.database() as session:
        return list(session.scalars(select(SpotCount).order_by(SpotCount.id)))


def opened(jpeg: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_a_count_is_compared_with_the_picture_that_was_counted(
    cameras: CameraWorld, counting: SpotCountService, gate: int, manual_clock: ManualClock
) -> None:
    show(cameras, gate, count=38.4)
    taken_at = manual_clock.now()
    still = counting.begin(OPERATOR, gate)
    assert (still.taken_at, still.expires_in_s, still.area) == (taken_at, 600, CountedArea.PICTURE)
    for _ in range(25):
        manual_clock.advance(1.0)
        show(cameras, gate, count=90.0)
    draft = SpotCountDraft(41, still.token, note=" Two behind the tree. ")
    answer = counting.enter(OPERATOR, gate, draft)
    entered = answer.entered
    assert (entered.counted, entered.measured, entered.is_inside) == (41, 38.4, True)
    assert entered.difference == pytest.approx(-2.6)
    assert entered.error_percent == pytest.approx(-100 * 2.6 / 41)
    assert (entered.at, entered.entered_at) == (taken_at, manual_clock.now())
    assert (entered.by, entered.note, entered.model) == ("olga", "Two behind the tree.", "test")
    assert (entered.method, entered.trust) == ("boxes", "ok")
    assert (answer.rolling.n, answer.rolling.mean_error) == (1, pytest.approx(-2.6))
    with pytest.raises(InvalidInputError, match="not kept any more") as caught:
        counting.enter(OPERATOR, gate, draft)
    assert caught.value.field == "/token"
    assert len(rows(cameras)) == 1


def test_nothing_tells_the_measured_number_before_the_count(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    show(cameras, gate, count=38.4)
    still = counting.begin(OPERATOR, gate)
    assert set(asdict(still)) == {
        "token",
        "camera_id",
        "taken_at",
        "expires_in_s",
        "zone_id",
        "zone_name",
        "area",
    }
    picture = opened(counting.picture(OPERATOR, gate, still.token))
    assert picture.shape == (240, 320, 3)
    assert np.abs(picture.astype(int) - GREY).max() <= 2, "no box, no number: the picture alone"
    assert rows(cameras) == []


def test_a_zone_is_outlined_and_nothing_else(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    zone_id = add_zone(cameras, gate)
    show(cameras, gate, count=38.4, zone_count=5.0)
    still = counting.begin(OPERATOR, gate, zone_id=zone_id)
    assert (still.zone_id, still.zone_name, still.area) == (zone_id, "Stage", CountedArea.ZONE)
    picture = opened(counting.picture(OPERATOR, gate, still.token)).astype(int)
    drawn = np.abs(picture - GREY).max(axis=2) > 12
    assert drawn[60, 100:220].all() and drawn[80:160, 240].all()
    assert not drawn[70:170, 90:230].any(), "the inside is as it was"
    assert not drawn[:50].any() and not drawn[190:].any()
    entered = counting.enter(OPERATOR, gate, SpotCountDraft(6, still.token, zone_id)).entered
    assert (entered.zone_id, entered.zone_name) == (zone_id, "Stage")
    assert (entered.measured, entered.counted) == (5.0, 6)


def test_a_calibrated_camera_shows_what_it_counts(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    corners = ((80.0, 60.0), (240.0, 60.0), (240.0, 180.0), (80.0, 180.0))
    show(cameras, gate, picture=CrowdPicture(monitored_px=corners))
    still = counting.begin(OPERATOR, gate)
    assert (still.area, still.zone_id) == (CountedArea.MONITORED, None)
    picture = opened(counting.picture(OPERATOR, gate, still.token)).astype(int)
    assert (np.abs(picture - GREY).max(axis=2) > 12)[60, 100:220].all()


def test_without_a_still_the_newest_numbers_are_meant(
    cameras: CameraWorld, counting: SpotCountService, gate: int, manual_clock: ManualClock
) -> None:
    zone_id = add_zone(cameras, gate)
    with pytest.raises(UnavailableError, match="has not delivered"):
        counting.enter(OPERATOR, gate, SpotCountDraft(3))
    show(cameras, gate, count=4.0, zone_count=2.0)
    assert counting.enter(OPERATOR, gate, SpotCountDraft(3)).entered.measured == 4.0
    zone = counting.enter(OPERATOR, gate, SpotCountDraft(3, zone_id=zone_id)).entered
    assert (zone.measured, zone.zone_name) == (2.0, "Stage")
    manual_clock.advance(3.5)
    for attempt in (
        lambda: counting.enter(OPERATOR, gate, SpotCountDraft(3)),
        lambda: counting.begin(OPERATOR, gate),
    ):
        with pytest.raises(UnavailableError, match="No picture has been analysed for"):
            attempt()
    assert len(rows(cameras)) == 2


def test_what_cannot_be_believed_is_not_compared(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    show(cameras, gate, trust=Trust.UNKNOWN)
    with pytest.raises(UnavailableError, match="The picture is black"):
        counting.begin(OPERATOR, gate)
    zone_id = add_zone(cameras, gate)
    newest = cameras.frames[gate]
    empty = replace(newest.snapshot, places=PlaceReadings())
    cameras.frames[gate] = replace(newest, snapshot=empty)
    with pytest.raises(UnavailableError, match="not been measured as it is drawn now"):
        counting.begin(OPERATOR, gate, zone_id=zone_id)
    with pytest.raises(InvalidInputError, match="no zone 99") as caught:
        counting.begin(OPERATOR, gate, zone_id=99)
    assert caught.value.field == "/zone_id"


def test_a_still_is_its_owners_for_ten_minutes(
    cameras: CameraWorld, counting: SpotCountService, gate: int, manual_clock: ManualClock
) -> None:
    show(cameras, gate)
    still = counting.begin(OPERATOR, gate)
    for actor in (OTHER_OPERATOR, ADMIN):
        with pytest.raises(NotFoundError):
            counting.picture(actor, gate, still.token)
        with pytest.raises(InvalidInputError):
            counting.enter(actor, gate, SpotCountDraft(1, still.token))
    with pytest.raises(NotFoundError):
        counting.picture(OPERATOR, gate + 1, still.token)
    assert counting.picture(OPERATOR, gate, still.token)
    manual_clock.advance(600)
    with pytest.raises(NotFoundError, match="Take a new one"):
        counting.picture(OPERATOR, gate, still.token)
    with pytest.raises(InvalidInputError):
        counting.enter(OPERATOR, gate, SpotCountDraft(1, still.token))


def test_a_wrong_entry_leaves_the_still_to_be_counted(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    zone_id = add_zone(cameras, gate)
    show(cameras, gate)
    still = counting.begin(OPERATOR, gate)
    for draft, field in (
        (SpotCountDraft(-1, still.token), "/count"),
        (SpotCountDraft(MOST_COUNTED + 1, still.token), "/count"),
        (SpotCountDraft(1, still.token, note="x" * (NOTE_MAX + 1)), "/note"),
        (SpotCountDraft(1, still.token, zone_id), "/zone_id"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            counting.enter(OPERATOR, gate, draft)
        assert caught.value.field == field
    last = SpotCountDraft(MOST_COUNTED, still.token, note="x" * NOTE_MAX)
    assert counting.enter(OPERATOR, gate, last).entered.counted == MOST_COUNTED


def test_who_may_count(cameras: CameraWorld, counting: SpotCountService, gate: int) -> None:
    show(cameras, gate)
    still = counting.begin(OPERATOR, gate)
    for attempt in (
        lambda: counting.begin(VIEWER, gate),
        lambda: counting.picture(VIEWER, gate, still.token),
        lambda: counting.enter(VIEWER, gate, SpotCountDraft(1, still.token)),
        lambda: counting.enter(VIEWER, gate, SpotCountDraft(1)),
    ):
        with pytest.raises(PermissionDeniedError):
            attempt()
    with pytest.raises(NotFoundError):
        counting.begin(OPERATOR, 99)
    upload = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    for attempt in (
        lambda: counting.begin(OPERATOR, upload.id),
        lambda: counting.enter(OPERATOR, upload.id, SpotCountDraft(1)),
    ):
        with pytest.raises(ConflictError, match="recording"):
            attempt()


def test_errors_are_kept_apart_by_place(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    zone_id = add_zone(cameras, gate)
    show(cameras, gate, count=10.0, zone_count=4.0)
    for count in (12, 14):
        counting.enter(OPERATOR, gate, SpotCountDraft(count))
    counting.enter(OPERATOR, gate, SpotCountDraft(3, zone_id=zone_id))
    every = counting.page(VIEWER, gate, zone_id=None, page=1, per_page=2)
    assert [one.counted for one in every.found.items] == [3, 14], "the newest first"
    assert (every.found.total, every.found.pages) == (3, 2)
    assert (every.rolling.n, every.rolling.mean_error) == (2, -3.0)
    assert [(one.zone_name, one.rolling.mean_error) for one in every.places] == [
        (None, -3.0),
        ("Stage", 1.0),
    ]
    zone = counting.page(VIEWER, gate, zone_id=zone_id, page=1, per_page=9)
    assert ([one.counted for one in zone.found.items], zone.rolling.mean_error) == ([3], 1.0)
    whole = counting.page(VIEWER, gate, zone_id=0, page=1, per_page=9)
    assert [one.counted for one in whole.found.items] == [14, 12]
    nothing = counting.page(VIEWER, gate, zone_id=77, page=1, per_page=9)
    assert (nothing.found.items, nothing.rolling.n, nothing.rolling.mean_error) == ([], 0, None)
    with pytest.raises(NotFoundError):
        counting.page(VIEWER, 99, zone_id=None, page=1, per_page=9)


def test_a_mistake_is_taken_back_by_who_made_it(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    show(cameras, gate)
    first, second = (counting.enter(OPERATOR, gate, SpotCountDraft(n)).entered for n in (4, 44))
    for actor in (VIEWER, OTHER_OPERATOR):
        with pytest.raises(PermissionDeniedError):
            counting.delete(actor, gate, first.id)
    with pytest.raises(NotFoundError):
        counting.delete(OPERATOR, gate, 99)
    counting.delete(OPERATOR, gate, first.id)
    assert [row.counted for row in rows(cameras)] == [44]
    counting.delete(ADMIN, gate, second.id)
    assert rows(cameras) == []
    trail = [entry for entry in cameras.audit_entries() if "spot_count" in entry.action]
    assert [entry.action for entry in trail] == [
        *["camera.spot_count"] * 2,
        *["camera.spot_count_delete"] * 2,
    ]
    assert trail[0].after is not None
    assert (trail[0].after["counted"], trail[0].after["measured"]) == (4, 38.4)
    assert trail[2].before == trail[0].after
    assert (trail[3].username, trail[3].object_id) == ("ada", str(gate))


def test_counts_go_with_their_camera(
    cameras: CameraWorld, counting: SpotCountService, gate: int
) -> None:
    show(cameras, gate)
    counting.enter(OPERATOR, gate, SpotCountDraft(4))
    still = counting.begin(OPERATOR, gate)
    cameras.cameras.delete(ADMIN, gate)
    counting.forget(gate)
    assert rows(cameras) == []
    with pytest.raises(NotFoundError):
        counting.picture(OPERATOR, gate, still.token)
