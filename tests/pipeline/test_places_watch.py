"""Zones and lines of a camera that shows another view than the one they were drawn in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backend.core.calibration import BackgroundFeatures
from backend.core.camera import CameraConfig, SourceType
from backend.core.frame import Detections
from backend.core.places import VIEW_CHANGED, CameraPlaces, DrawnView, PlaceReadings
from backend.core.trust import Trust
from backend.pipeline.places_watch import PlacesWatch
from backend.pipeline.video_processor import VideoProcessor
from backend.vision.camera_moved import STEADY, TOO_LITTLE, ViewState, ViewVerdict
from backend.vision.picture_health import BLACK, SHAKING, PictureVerdict
from tests import builders
from tests.builders import EPOCH, ManualClock
from tests.pipeline.fakes import (
    PARAMS,
    Bench,
    FakeViewCheck,
    ScriptedSource,
    SourceShelf,
    config,
)

MOVED = ViewVerdict(ViewState.MOVED, "The camera was moved: the view is turned by 3.0°.")
DRAWN = builders.camera_places(builders.zone(), builders.counting_line())
LANDMARKS = BackgroundFeatures(
    (640, 480), np.zeros((50, 2), np.float32), np.zeros((50, 32), np.uint8)
)


def drawn_in(view: DrawnView, *, version: int = 1) -> CameraPlaces:
    return replace(DRAWN, version=version, view=view)


def camera(places: CameraPlaces, source_type: SourceType = SourceType.RTSP) -> CameraConfig:
    return replace(config(source_type=source_type), places=places)


def watch_over(
    places: CameraPlaces, check: FakeViewCheck, source_type: SourceType = SourceType.RTSP
) -> PlacesWatch:
    return PlacesWatch(camera(places, source_type), check.made_for)


def look(
    watch: PlacesWatch,
    *,
    size: tuple[int, int] = (320, 240),
    health: PictureVerdict | None = None,
) -> str:
    """Show one picture; return the fault."""
    frame = builders.frame(width=size[0], height=size[1])
    watch.examine(frame, Detections.empty(), health or PictureVerdict.good())
    return watch.fault


def told(watch: PlacesWatch, trust: Trust, reason: str = "") -> set[tuple[Trust, str]]:
    """Return trust and reason of what was read with such trust."""
    read = watch.doubt(builders.place_readings(DRAWN, trust=trust, trust_reason=reason))
    zones = {(zone.trust, zone.trust_reason) for zone in read.zones}
    return zones | {(line.trust, line.trust_reason) for line in read.lines}


def test_a_moved_view_is_found_with_the_landmarks_of_the_drawing_and_forgiven() -> None:
    check = FakeViewCheck()
    watch = watch_over(drawn_in(DrawnView(EPOCH, LANDMARKS)), check)
    verdicts = [STEADY, MOVED, TOO_LITTLE, MOVED, STEADY]
    found = []
    for verdict in verdicts:
        check.verdict_at = lambda _time_s, verdict=verdict: verdict  # type: ignore[misc]
        found.append(look(watch))
    assert found == ["", VIEW_CHANGED, "", VIEW_CHANGED, ""]
    assert check.references == [LANDMARKS], "one check for all of it"


@pytest.mark.parametrize(
    ("trust", "left"),
    [
        (Trust.OK, Trust.DEGRADED),
        (Trust.ESTIMATED, Trust.DEGRADED),
        (Trust.SATURATED, Trust.SATURATED),
        (Trust.UNKNOWN, Trust.UNKNOWN),
    ],
)
def test_no_reading_of_a_doubted_place_is_better_than_degraded(trust: Trust, left: Trust) -> None:
    watch = watch_over(drawn_in(DrawnView(EPOCH, fault=VIEW_CHANGED)), FakeViewCheck())
    reason = VIEW_CHANGED if left is Trust.DEGRADED else "Said before."
    assert told(watch, trust, "Said before.") == {(left, reason)}


def test_a_reason_that_degrades_already_is_kept() -> None:
    watch = watch_over(drawn_in(DrawnView(EPOCH, fault=VIEW_CHANGED)), FakeViewCheck())
    assert told(watch, Trust.DEGRADED, "It lags.") == {(Trust.DEGRADED, f"It lags. {VIEW_CHANGED}")}


def test_what_nothing_speaks_against_is_handed_on_as_it_is() -> None:
    watch = watch_over(drawn_in(DrawnView(EPOCH)), FakeViewCheck())
    read = builders.place_readings(DRAWN, count=3.0)
    look(watch)
    assert watch.doubt(read) is read


def test_zones_that_were_not_read_again_say_nothing_new() -> None:
    watch = watch_over(drawn_in(DrawnView(EPOCH, fault=VIEW_CHANGED)), FakeViewCheck())
    first = builders.place_readings(DRAWN, count=3.0)
    same: PlaceReadings = replace(first, lines=builders.place_readings(DRAWN, count=4.0).lines)
    doubted = watch.doubt(first)
    assert watch.doubt(same).zones is doubted.zones
    other = replace(first, zones=builders.place_readings(DRAWN, count=5.0).zones)
    assert watch.doubt(other).zones[0].count == 5.0


def test_places_of_another_source_are_doubted_without_a_look() -> None:
    check = FakeViewCheck()
    watch = watch_over(drawn_in(DrawnView(EPOCH, fault=VIEW_CHANGED)), check)
    assert (look(watch), check.references) == (VIEW_CHANGED, [])


def test_a_person_ends_a_doubt_and_the_view_of_then_is_compared_with() -> None:
    check = FakeViewCheck()
    check.verdict_at = lambda _time_s: MOVED
    watch = watch_over(drawn_in(DrawnView(EPOCH, LANDMARKS)), check)
    assert look(watch) == VIEW_CHANGED
    watch.set_places(drawn_in(DrawnView(EPOCH, LANDMARKS), version=2))
    assert watch.fault == VIEW_CHANGED, "another name says nothing of the view"
    later = DrawnView(EPOCH.replace(year=EPOCH.year + 1))
    watch.set_places(drawn_in(later, version=3))
    assert watch.fault == ""
    check.verdict_at = lambda _time_s: STEADY
    assert look(watch) == ""
    assert check.references == [LANDMARKS, None]


def test_a_simulation_is_drawn_and_cannot_be_knocked() -> None:
    check = FakeViewCheck()
    watch = watch_over(drawn_in(DrawnView(EPOCH)), check, SourceType.SIMULATED)
    assert (look(watch), check.references) == ("", [])


def test_a_camera_without_places_is_not_looked_at() -> None:
    check = FakeViewCheck()
    watch = watch_over(CameraPlaces(3, view=DrawnView(EPOCH, fault=VIEW_CHANGED)), check)
    assert (look(watch), check.references) == ("", [])


def test_a_black_picture_says_nothing_of_the_view() -> None:
    check = FakeViewCheck()
    check.verdict_at = lambda _time_s: MOVED
    watch = watch_over(drawn_in(DrawnView(EPOCH)), check)
    assert look(watch, health=BLACK) == ""
    assert look(watch, health=SHAKING) == VIEW_CHANGED
    assert look(watch, health=BLACK) == VIEW_CHANGED, "what was found before stands"


@pytest.mark.parametrize(
    ("size", "fits"), [((320, 240), True), ((1280, 960), True), ((320, 180), False)]
)
def test_a_stream_of_another_shape_shows_another_view(size: tuple[int, int], fits: bool) -> None:
    check = FakeViewCheck()
    watch = watch_over(drawn_in(DrawnView(EPOCH, LANDMARKS)), check)
    assert look(watch, size=size) == ("" if fits else VIEW_CHANGED)
    assert len(check.references) == fits


def run(
    clock: ManualClock, places: CameraPlaces, verdict_at: Callable[[float], ViewVerdict]
) -> tuple[Bench, set[str], set[str]]:
    """Run an uncalibrated camera for six seconds; return what its status said."""
    pictures = [builders.frame(index=n, stream_time_s=float(n)) for n in range(6)]
    bench = Bench(clock, SourceShelf([ScriptedSource(pictures)]))
    bench.view_check.verdict_at = verdict_at
    faults: set[str] = set()
    messages: set[str] = set()

    def listen() -> None:
        faults.add(processor.status().places_fault)
        messages.add(processor.status().message)

    processor = VideoProcessor(
        camera(places, SourceType.FILE),
        run_id=1,
        shared=bench.shared(),
        params=PARAMS,
        on_change=listen,
    )
    processor.run(threading.Event())
    return bench, faults, messages


def test_a_turned_camera_without_calibration_reaches_readings_and_status(
    manual_clock: ManualClock,
) -> None:
    bench, faults, messages = run(
        manual_clock,
        drawn_in(DrawnView(EPOCH, LANDMARKS)),
        lambda time_s: MOVED if 2 <= time_s < 4 else STEADY,
    )
    trusts = [snapshot.places.zones[0].trust for snapshot in bench.outlet.snapshots]
    ok, doubted = Trust.OK, Trust.DEGRADED
    assert trusts == [ok, ok, doubted, doubted, ok, ok]
    assert {snapshot.metrics.trust for snapshot in bench.outlet.snapshots} == {ok}
    assert faults == {"", VIEW_CHANGED}
    assert not any("zones" in message for message in messages), "the camera itself is fine"
    assert bench.view_check.references == [LANDMARKS]
