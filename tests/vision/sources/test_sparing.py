"""Real encoders' streams, decoded sparingly: the right pictures, whole, at the right times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.vision.sources import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.files import open_file_media
from tests.vision.sources.clips import brightness_of, even_times, write_clip

FPS = 25
X264 = {"sc_threshold": "0", "preset": "veryfast", "crf": "10"}
B_FRAMES = X264 | {"bf": "1", "b-adapt": "0", "b-pyramid": "none", "g": "250"}
THREE_B = X264 | {"bf": "3", "b-adapt": "0", "b-pyramid": "none", "g": "250"}
SHORT_GOP = X264 | {"bf": "3", "b-adapt": "0", "g": "25"}
OPEN_GOP = SHORT_GOP | {"x264-params": "open-gop=1"}
NO_B = X264 | {"bf": "0", "g": "250"}

Clip = Callable[..., Path]


@pytest.fixture
def clip(limits: SourceLimits) -> Clip:
    def make(name: str, seconds: float, options: dict[str, str], codec: str = "libx264") -> Path:
        return write_clip(
            limits.file_folders[0] / name,
            times_s=even_times(round(seconds * FPS), FPS),
            codec=codec,
            codec_options=options,
            pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
        )

    return make


def play(
    path: Path, limits: SourceLimits, wanted: Callable[[float], float | None]
) -> Iterator[tuple[int, float, int]]:
    """Yield place in the stream, brightness and pictures left out before; ``wanted`` by time."""
    media = open_file_media(
        SourceSpec(SourceType.FILE, path.name),
        limits=limits,
        clock=SystemClock(),
        cancellation=Cancellation(),
    )
    now = [0.0]
    try:
        for picture in media.pictures(lambda: wanted(now[0])):
            assert picture.pts_s is not None
            now[0] = picture.pts_s
            grey = picture.av_frame.to_ndarray(format="gray")
            yield round(now[0] * FPS), float(np.mean(grey)), picture.left_out
    finally:
        media.close()


def check_whole_and_counted(seen: list[tuple[int, float, int]], *, uncounted: int = 0) -> None:
    """Every picture shows what was encoded at its time, and the numbering adds up."""
    number = -1
    for place, grey, left_out in seen:
        number += 1 + left_out
        assert 0 <= place - number <= uncounted
        assert grey == pytest.approx(brightness_of(place), abs=6)


def places(seen: list[tuple[int, float, int]], since: int = 0) -> list[int]:
    return [place for place, _, _ in seen if place >= since]


def test_without_a_wish_every_picture_comes(clip: Clip, limits: SourceLimits) -> None:
    seen = list(play(clip("b.mp4", 4, THREE_B), limits, lambda _: None))
    assert places(seen) == list(range(100))
    check_whole_and_counted(seen)


def test_every_second_picture_is_a_b_frame_and_is_left_out(
    clip: Clip, limits: SourceLimits
) -> None:
    seen = list(play(clip("b.mp4", 8, B_FRAMES), limits, lambda _: 12.0))
    check_whole_and_counted(seen)
    later = places(seen, since=60)
    assert len(later) == pytest.approx(70, abs=3)
    assert max(np.diff(later)) == 2


def test_three_b_frames_in_a_row_are_too_many_for_twelve_a_second_but_not_for_five(
    clip: Clip, limits: SourceLimits
) -> None:
    path = clip("b.mp4", 8, THREE_B)
    seen = list(play(path, limits, lambda _: 12.0))
    check_whole_and_counted(seen)
    assert len(places(seen, since=60)) >= 130, "decoded in full again at once"
    seen = list(play(path, limits, lambda _: 5.0))
    check_whole_and_counted(seen)
    later = places(seen, since=60)
    assert max(np.diff(later)) <= 5
    assert len(later) < 60


def test_without_b_frames_and_with_few_keys_nothing_can_be_left_out(
    clip: Clip, limits: SourceLimits
) -> None:
    seen = list(play(clip("p.mp4", 6, NO_B), limits, lambda _: 1.0))
    assert places(seen) == list(range(150))


def test_keys_alone_do_for_one_a_second_and_come_without_delay(
    clip: Clip, limits: SourceLimits
) -> None:
    seen = list(play(clip("keys.mp4", 10, SHORT_GOP), limits, lambda _: 1.0))
    check_whole_and_counted(seen)
    assert places(seen, since=100) == [100, 125, 150, 175, 200, 225]


def test_after_keys_alone_the_next_pictures_are_whole(clip: Clip, limits: SourceLimits) -> None:
    def wanted(time_s: float) -> float | None:
        return 1.0 if time_s < 5.0 else None

    seen = list(play(clip("keys.mp4", 10, OPEN_GOP), limits, wanted))
    # pictures shown before a key but sent after it are counted with the next picture
    check_whole_and_counted(seen, uncounted=3)
    began = next(place for place in places(seen, since=126) if place + 1 in places(seen))
    assert places(seen, since=began) == list(range(began, 250))
    assert began <= 151


def test_the_wish_may_change_again_and_again(clip: Clip, limits: SourceLimits) -> None:
    wishes = [None, 1.0, 12.0, 5.0, 25.0, 1.0, None]
    seen = list(
        play(clip("many.mp4", 20, SHORT_GOP), limits, lambda time_s: wishes[int(time_s / 3)])
    )
    check_whole_and_counted(seen, uncounted=3)
    assert places(seen)[-1] == 499


def test_motion_jpeg_is_decoded_at_little_more_than_the_wanted_rate(
    clip: Clip, limits: SourceLimits
) -> None:
    seen = list(play(clip("m.mkv", 8, {}, codec="mjpeg"), limits, lambda _: 5.0))
    check_whole_and_counted(seen)
    later = places(seen, since=50)
    assert 30 <= len(later) <= 60
    assert max(np.diff(later)) <= 5
