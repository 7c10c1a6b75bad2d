"""Detection on demand and locations: which count is entered, and why another is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from backend.core.camera import SourceType
from backend.core.errors import PermissionDeniedError
from backend.core.locations import AreaRef, CountPart, CountSource
from backend.core.trust import Trust
from backend.services.audit import AuditLog
from backend.services.detection.location_counts import LocationCounts
from backend.services.detection.views import DetectionView, LocationUpdateView, PictureView
from backend.services.locations.draft import AreaDraft, LocationDraft
from backend.services.locations.service import LocationService
from tests import builders
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN, OPERATOR, SECRET_SOURCE, VIEWER, CameraWorld
from tests.services.locations.location_world import FakeWatch, reading


@dataclass
class World:
    """Cameras 1 and 2, and locations."""

    cameras: CameraWorld
    watch: FakeWatch
    locations: LocationService
    counts: LocationCounts

    def add(self, name: str, *areas: AreaRef, **changes: Any) -> int:
        draft = LocationDraft(name=name, areas=tuple(AreaDraft(area) for area in areas), **changes)
        return self.locations.create(ADMIN, draft).id

    def note(self, **changes: Any) -> tuple[LocationUpdateView, ...]:
        return self.counts.note(OPERATOR, replace(SEEN, **changes))


SEEN = DetectionView(
    count=14.6,
    count_low=12.3,
    count_high=19.8,
    trust="ok",
    trust_reason="",
    detections=(),
    confidence=0.25,
    picture=PictureView(640, 360),
    model=builders.model_info(),
    timings_ms={},
    camera_id=1,
    captured_at=EPOCH,
    age_s=0.1,
    is_running=False,
)


@pytest.fixture
def world(cameras: CameraWorld) -> World:
    for name in ("Gate", "Yard"):
        cameras.cameras.create(
            ADMIN, {"name": name, "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
        )
    watch = FakeWatch()
    locations = LocationService(
        session_factory=cameras.database,
        clock=cameras.clock,
        audit=AuditLog(clock=cameras.clock),
        watch=watch,
    )
    counts = LocationCounts(cameras.database, cameras.live, locations.entries)
    return World(cameras, watch, locations, counts)


def test_the_only_area_of_a_location_counts_for_it(world: World) -> None:
    hall = world.add("Hall", AreaRef(1))
    world.add("Elsewhere", AreaRef(2))
    world.add("By hand")
    assert world.note() == (LocationUpdateView(hall, "Hall", True, ""),)
    ((location_id, entry),) = world.watch.entered
    assert (location_id, entry.source, entry.count) == (hall, CountSource.API, 15.0)
    assert (entry.at, entry.by) == (EPOCH, "olga")
    assert entry.note == "Detection on demand: 14.6 people (12–20) found by camera Gate."


def test_a_larger_number_stays_and_is_told(world: World) -> None:
    hall = world.add("Hall", AreaRef(1))
    said = CountPart(CountSource.MANUAL, 30, 30, 30, Trust.ESTIMATED, is_used=True, at=EPOCH)
    world.watch.known = {hall: reading(hall, 30.0, parts=(said,))}
    (found,) = world.note()
    assert found.is_updated
    assert found.reason.startswith("Another number that was sent in is 30")


@pytest.mark.parametrize(
    ("areas", "definition", "seen", "words"),
    [
        ((AreaRef(1), AreaRef(2)), {}, {}, "It is not this camera's whole picture alone"),
        ((AreaRef(1),), {"cameras_see_all": False}, {}, "does not show everybody"),
        ((AreaRef(1),), {}, {"is_running": True}, "The running camera measures it"),
        ((AreaRef(1),), {}, {"trust": "unknown"}, "cannot be counted"),
        ((AreaRef(1),), {}, {"count_high": None}, "too dense to be counted: at least 12 people"),
        (
            (AreaRef(1),),
            {"entry_valid_s": 60.0},
            {"captured_at": EPOCH - timedelta(seconds=90)},
            "The number was true more than 60 seconds ago",
        ),
    ],
)
def test_what_is_not_entered_is_told(
    world: World,
    areas: tuple[AreaRef, ...],
    definition: dict[str, Any],
    seen: dict[str, Any],
    words: str,
) -> None:
    world.add("Hall", *areas, **definition)
    (found,) = world.note(**seen)
    assert not found.is_updated
    assert words in found.reason
    assert world.watch.entered == []


def test_a_camera_that_measures_now_needs_no_entry(world: World) -> None:
    world.add("Hall", AreaRef(1))
    snapshot = builders.snapshot(camera_id=1, published_mono_s=world.cameras.clock.monotonic())
    world.cameras.bus.publish(snapshot, builders.frame())
    (found,) = world.note()
    assert found.reason == "The running camera measures it all the time."


def test_a_picture_that_was_sent_in_is_no_cameras(world: World) -> None:
    world.add("Hall", AreaRef(1))
    assert world.note(camera_id=None) == ()
    assert world.note(camera_id=99) == ()
    assert world.watch.entered == []


def test_a_viewer_enters_nothing(world: World) -> None:
    world.add("Hall", AreaRef(1))
    with pytest.raises(PermissionDeniedError):
        world.counts.note(VIEWER, SEEN)
    assert world.watch.entered == []
