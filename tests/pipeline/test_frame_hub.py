"""Many viewers, one encoding; nobody waits for the slowest; frozen is never shown as live."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import DEFAULT_OVERLAYS, Overlay
from backend.core.errors import InvalidInputError, UnavailableError
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.frame_hub import FrameHub, FrameHubParams
from backend.pipeline.picture_encoder import EncodedFrame, StreamVariant
from backend.vision.overlay import OverlayRenderer
from tests import builders
from tests.builders import ManualClock

PLAIN = StreamVariant(frozenset())
DRAWN = StreamVariant(DEFAULT_OVERLAYS, 160)
SOON_S = 5.0
FAST = FrameHubParams(stream_max_fps=400, linger_s=0.05, stale_repeat_s=0.02)


@pytest.fixture
def hub(manual_clock: ManualClock) -> Iterator[FrameHub]:
    made = FrameHub(OverlayRenderer(), clock=manual_clock, params=FAST)
    yield made
    assert made.stop()


def offer(hub: FrameHub, number: int, *, camera_id: int = 1, mono_s: float = 1000.0) -> None:
    hub.offer(*picture(number, camera_id=camera_id, mono_s=mono_s))


def picture(number: int, *, camera_id: int = 1, mono_s: float = 1000.0) -> tuple[Snapshot, Frame]:
    image = builders.image(value=(number * 7 % 200, 90, 30))
    snapshot = builders.snapshot(
        camera_id=camera_id, sequence=number, stream_time_s=number / 25, published_mono_s=mono_s
    )
    return snapshot, builders.frame(index=number, picture=image, captured_mono_s=mono_s)


def until(condition: Callable[[], bool]) -> bool:
    """Poll on a real deadline: what is waited for happens on another thread."""
    deadline = time.monotonic() + SOON_S
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.005)
    return True


def decoded(encoded: EncodedFrame | None) -> npt.NDArray[np.uint8]:
    assert encoded is not None
    return np.asarray(cv2.imdecode(np.frombuffer(encoded.jpeg, np.uint8), cv2.IMREAD_COLOR))


def test_nothing_is_encoded_while_nobody_looks(hub: FrameHub) -> None:
    for number in range(1, 30):
        offer(hub, number)
    counters = hub.counters()
    assert (counters.encodes, counters.threads, counters.viewers) == (0, 0, 0)


def test_a_viewer_gets_the_newest_picture_once(hub: FrameHub) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as viewer:
        first = viewer.next(SOON_S)
        assert first is not None
        assert (first.sequence, first.run_id, first.is_stale, first.width) == (1, 1, False, 320)
        assert decoded(first)[5, 5].astype(int) == pytest.approx((7, 90, 30), abs=4)
        assert viewer.next(0.03) is None
        offer(hub, 2)
        second = viewer.next(SOON_S)
        assert second is not None
        assert second.sequence == 2


def test_fifty_viewers_cost_one_encoding_per_picture(hub: FrameHub) -> None:
    rounds, viewers = 10, 50
    arrived = threading.Barrier(viewers + 1)

    def look() -> None:
        with hub.watch(1, DRAWN) as viewer:
            for number in range(1, rounds + 1):
                encoded = viewer.next(SOON_S)
                while encoded is None or encoded.sequence < number:
                    encoded = viewer.next(SOON_S)
                arrived.wait(SOON_S)

    offer(hub, 1)
    threads = [threading.Thread(target=look, name=f"viewer-{n}") for n in range(viewers)]
    for thread in threads:
        thread.start()
    for number in range(1, rounds + 1):
        arrived.wait(SOON_S)
        if number < rounds:
            offer(hub, number + 1)
    for thread in threads:
        thread.join(SOON_S)
    counters = hub.counters()
    assert counters.frames == rounds
    assert counters.encodes / counters.frames == 1.0


def test_each_variant_is_encoded_on_its_own(hub: FrameHub) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as plain, hub.watch(1, DRAWN) as drawn:
        sizes = [(e.width, e.height) for e in (plain.next(SOON_S), drawn.next(SOON_S)) if e]
    assert sizes == [(320, 240), (160, 120)]


def test_a_slow_viewer_skips_pictures_and_delays_nobody(hub: FrameHub) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as slow, hub.watch(1, PLAIN) as quick:
        assert slow.next(SOON_S)
        assert quick.next(SOON_S)
        for number in range(2, 8):
            offer(hub, number)
            encoded = quick.next(SOON_S)
            assert encoded is not None
            assert encoded.sequence == number
        late = slow.next(SOON_S)
        assert late is not None
        assert late.sequence == 7


def test_the_frame_rate_is_capped(manual_clock: ManualClock) -> None:
    hub = FrameHub(OverlayRenderer(), clock=manual_clock, params=FrameHubParams(stream_max_fps=20))
    offer(hub, 1)
    with hub.watch(1, PLAIN) as viewer:
        began = time.monotonic()
        seen, number = 0, 1
        while time.monotonic() - began < 0.5:
            number += 1
            offer(hub, number)
            seen += viewer.next(0.005) is not None
    assert 3 <= seen <= 12
    assert hub.stop()


def test_the_thread_ends_after_the_last_viewer_and_starts_again(hub: FrameHub) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as viewer:
        assert viewer.next(SOON_S)
        assert hub.counters().threads == 1
    assert until(lambda: hub.counters().threads == 0)
    encodes = hub.counters().encodes
    offer(hub, 2)
    assert hub.counters().encodes == encodes
    with hub.watch(1, PLAIN) as viewer:
        again = viewer.next(SOON_S)
        assert again is not None
        assert again.sequence == 2


def test_stop_wakes_every_waiting_viewer(manual_clock: ManualClock) -> None:
    hub = FrameHub(OverlayRenderer(), clock=manual_clock, params=FAST)
    offer(hub, 1)
    answers: list[EncodedFrame | None] = []
    waiting = threading.Barrier(9)

    def look() -> None:
        viewer = hub.watch(1, PLAIN)
        viewer.next(SOON_S)
        waiting.wait(SOON_S)
        answers.append(viewer.next(60.0))
        assert viewer.is_closed

    threads = [threading.Thread(target=look, name="viewer") for _ in range(8)]
    for thread in threads:
        thread.start()
    waiting.wait(SOON_S)
    began = time.monotonic()
    assert hub.stop()
    assert hub.stop()
    for thread in threads:
        thread.join(SOON_S)
    assert time.monotonic() - began < 2
    assert answers == [None] * 8
    with pytest.raises(UnavailableError):
        hub.watch(1, PLAIN)
    offer(hub, 2)


def test_closing_a_subscription_wakes_its_own_reader_only(hub: FrameHub) -> None:
    offer(hub, 1)
    left, stays = hub.watch(1, PLAIN), hub.watch(1, PLAIN)
    assert left.next(SOON_S)
    assert stays.next(SOON_S)
    reader = threading.Thread(target=lambda: list(left), name="viewer")
    reader.start()
    left.close()
    left.close()
    reader.join(SOON_S)
    assert not reader.is_alive()
    offer(hub, 2)
    assert stays.next(SOON_S)
    assert hub.counters().viewers == 1
    stays.close()
    assert hub.counters().viewers == 0


def test_forgetting_a_camera_closes_its_viewers_and_keeps_the_counters(hub: FrameHub) -> None:
    offer(hub, 1)
    viewer = hub.watch(1, PLAIN)
    assert viewer.next(SOON_S)
    hub.forget(1)
    hub.forget(1)
    assert viewer.next(SOON_S) is None
    assert viewer.is_closed
    assert hub.counters().encodes == 1
    assert hub.snapshot_jpeg(1, PLAIN) is None


def test_a_frozen_picture_is_marked_and_repeated(hub: FrameHub, manual_clock: ManualClock) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as viewer:
        live = viewer.next(SOON_S)
        manual_clock.advance(12.0)
        stale = viewer.next(SOON_S)
        again = viewer.next(SOON_S)
        assert live and stale and again
        assert [e.is_stale for e in (live, stale, again)] == [False, True, True]
        assert stale.sequence == again.sequence == 1
        assert stale.age_s == pytest.approx(12.0)
        assert np.ptp(decoded(stale)[5, 5].astype(int)) <= 4
        offer(hub, 2, mono_s=manual_clock.monotonic())
        fresh = viewer.next(SOON_S)
        while fresh is not None and fresh.sequence == 1:
            fresh = viewer.next(SOON_S)
        assert fresh is not None
        assert not fresh.is_stale


def test_a_camera_without_any_picture_says_so_and_then_shows_it(hub: FrameHub) -> None:
    assert hub.snapshot_jpeg(1, PLAIN) is None
    with hub.watch(1, DRAWN) as viewer:
        waiting = viewer.next(SOON_S)
        assert waiting is not None
        assert (waiting.sequence, waiting.age_s, waiting.is_stale) == (0, None, True)
        assert decoded(waiting).shape == (90, 160, 3)
        offer(hub, 1)
        first = viewer.next(SOON_S)
        assert first is not None
        assert first.sequence == 1


def test_snapshots_are_cached_by_frame_and_carry_their_age(
    hub: FrameHub, manual_clock: ManualClock
) -> None:
    offer(hub, 1)
    first = hub.snapshot_jpeg(1, PLAIN)
    manual_clock.advance(1.5)
    second = hub.snapshot_jpeg(1, PLAIN)
    assert first and second
    assert first.jpeg is second.jpeg
    assert (first.age_s, second.age_s) == (0.0, pytest.approx(1.5))
    assert hub.counters().encodes == 1
    manual_clock.advance(20)
    stale = hub.snapshot_jpeg(1, PLAIN)
    assert stale is not None
    assert stale.is_stale
    assert hub.counters().encodes == 2
    offer(hub, 2, mono_s=manual_clock.monotonic())
    fresh = hub.snapshot_jpeg(1, PLAIN)
    assert fresh is not None
    assert (fresh.sequence, fresh.is_stale) == (2, False)


def test_a_snapshot_takes_the_streams_picture_when_there_is_one(hub: FrameHub) -> None:
    offer(hub, 1)
    with hub.watch(1, PLAIN) as viewer:
        assert viewer.next(SOON_S)
        assert hub.snapshot_jpeg(1, PLAIN)
        assert hub.counters().encodes == 1


def test_a_picture_that_cannot_be_drawn_is_counted_and_the_stream_goes_on(hub: FrameHub) -> None:
    snapshot, frame = picture(1)
    broken = Frame(1, frame.image[:0], 0.0, 0, frame.captured_at, frame.captured_mono_s)
    hub.offer(snapshot, broken)
    with hub.watch(1, PLAIN) as viewer:
        assert until(lambda: hub.counters().errors > 0)
        offer(hub, 2)
        good = viewer.next(SOON_S)
        assert good is not None
        assert good.sequence == 2


def test_viewers_and_variants_are_limited(manual_clock: ManualClock) -> None:
    params = FrameHubParams(max_viewers=3, max_variants=2)
    hub = FrameHub(OverlayRenderer(), clock=manual_clock, params=params)
    hub.watch(1, PLAIN)
    hub.watch(1, DRAWN)
    with pytest.raises(UnavailableError, match="different"):
        hub.watch(1, StreamVariant(frozenset({Overlay.HUD})))
    hub.watch(1, PLAIN)
    with pytest.raises(UnavailableError, match="3 streams"):
        hub.watch(1, PLAIN)
    assert hub.stop()


def test_widths_fall_into_few_variants() -> None:
    assert StreamVariant(frozenset(), 950) == StreamVariant(frozenset(), 960)
    assert StreamVariant(frozenset(), 960).size_for((1920, 1080)) == (960, 540)
    assert StreamVariant(frozenset(), 960).size_for((640, 480)) == (640, 480)
    assert StreamVariant(frozenset()).size_for((641, 479)) == (641, 479)
    for width in (0, -5, 100, 10_000):
        with pytest.raises(InvalidInputError):
            StreamVariant(frozenset(), width)


def test_an_offer_never_waits_for_a_slow_encoder(manual_clock: ManualClock) -> None:
    hub = FrameHub(OverlayRenderer(), clock=manual_clock, params=FAST)
    huge = builders.image(width=3840, height=2160)
    snapshot = builders.snapshot(picture_wh=(3840, 2160))
    frame = builders.frame(picture=huge)
    with hub.watch(1, StreamVariant(DEFAULT_OVERLAYS | {Overlay.HEAT})):
        slowest = 0.0
        for _ in range(200):
            began = time.perf_counter()
            hub.offer(snapshot, frame)
            slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 0.2
    assert hub.stop()


def test_the_newest_picture_is_the_one_viewers_see(hub: FrameHub) -> None:
    assert hub.newest(1) is None
    offer(hub, 1)
    newest = picture(2)
    hub.offer(*newest)
    found = hub.newest(1)
    assert found is not None
    assert (found.snapshot, found.frame) == newest
    assert hub.newest(2) is None
    hub.forget(1)
    assert hub.newest(1) is None
