from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.picture_health import (
    BLACK,
    BLURRED,
    FROZEN,
    PictureHealth,
    PictureVerdict,
)

Picture = npt.NDArray[np.uint8]


def street(rng: np.random.Generator, *, noise: float = 2.0) -> Picture:
    """Return a picture with edges and a sensor's noise."""
    base = np.full((270, 480), 90.0)
    base[::18] = 190.0
    base[:, ::24] = 30.0
    noisy = base + rng.normal(0.0, noise, base.shape)
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def blur(picture: Picture, size: int = 15) -> Picture:
    """Return the picture through a wet lens (box blur both ways) with the sensor's noise left."""
    kernel = np.ones(size) / size
    grey = picture[:, :, 0].astype(float)
    for axis in (0, 1):
        grey = np.apply_along_axis(lambda row: np.convolve(row, kernel, "same"), axis, grey)
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)


def play(health: PictureHealth, pictures: Iterator[tuple[float, Picture]]) -> list[str]:
    return [health.examine(picture, stream_time_s=time_s).reason for time_s, picture in pictures]


def test_a_living_picture_is_good() -> None:
    rng = np.random.default_rng(1)
    reasons = play(PictureHealth(), ((n * 1.0, street(rng)) for n in range(120)))
    assert set(reasons) == {""}


def test_a_picture_identical_to_the_bit_is_frozen_after_five_seconds_and_thaws_at_once() -> None:
    rng = np.random.default_rng(2)
    health = PictureHealth()
    still = street(rng)
    verdicts = [health.examine(still, stream_time_s=n / 2) for n in range(20)]
    assert verdicts[9] == PictureVerdict.good(), "4.5 s"
    assert verdicts[12] == FROZEN
    assert health.examine(street(rng), stream_time_s=12.0).is_good


def test_time_that_stands_still_is_not_a_frozen_picture() -> None:
    health = PictureHealth()
    still = street(np.random.default_rng(3))
    assert all(health.examine(still, stream_time_s=1.0).is_good for _ in range(100))


def test_a_new_segment_begins_with_nothing_seen() -> None:
    health = PictureHealth()
    still = street(np.random.default_rng(4))
    play(health, ((n * 2.0, still) for n in range(5)))
    health.reset()
    assert health.examine(still, stream_time_s=0.0).is_good


def test_black_is_seen_in_the_first_picture_but_a_night_scene_is_not_black() -> None:
    rng = np.random.default_rng(5)
    dark = np.clip(rng.normal(6.0, 1.5, (270, 480, 3)), 0, 255).astype(np.uint8)
    assert PictureHealth().examine(dark, stream_time_s=0.0) == BLACK
    night = dark.copy()
    night[100:104, ::60] = 200
    assert PictureHealth().examine(night, stream_time_s=0.0).is_good


def test_a_blurred_picture_is_told_from_what_the_camera_usually_shows() -> None:
    rng = np.random.default_rng(6)
    health = PictureHealth()
    assert set(play(health, ((n * 2.0, street(rng)) for n in range(20)))) == {""}
    wet = play(health, ((40.0 + n * 2.0, blur(street(rng))) for n in range(10)))
    assert wet[:5] == [""] * 5, "ten seconds must pass"
    assert wet[-1] == BLURRED.reason
    assert health.examine(street(rng), stream_time_s=62.0).is_good


def test_a_camera_that_always_was_soft_is_not_called_blurred() -> None:
    rng = np.random.default_rng(7)
    reasons = play(PictureHealth(), ((n * 2.0, blur(street(rng))) for n in range(60)))
    assert set(reasons) == {""}


@pytest.mark.assets
@pytest.mark.parametrize(
    "name",
    ["town-centre.mp4", "one-by-one-person-detection.mp4", "concourse-high.mp4"],
)
def test_real_cameras_are_healthy_and_a_real_blur_is_noticed(assets: Path, name: str) -> None:
    import av  # noqa: PLC0415 - only where the assets are
    import cv2  # noqa: PLC0415

    pictures: list[tuple[float, Picture]] = []
    with av.open(str(assets / "videos" / name)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= 2.0 * len(pictures):
                pictures.append((frame.time, frame.to_ndarray(format="bgr24")))
    assert set(play(PictureHealth(), iter(pictures))) == {""}
    health = PictureHealth()
    time_s = 0.0
    for _ in range(40 // (2 * len(pictures)) + 1):
        for _, picture in pictures:
            health.examine(picture, stream_time_s=time_s)
            time_s += 2.0
    reasons = []
    for n in range(8):
        wet = cv2.GaussianBlur(pictures[n % len(pictures)][1], (0, 0), 12)
        reasons.append(health.examine(wet, stream_time_s=time_s).reason)
        time_s += 2.0
    assert reasons[-1] == BLURRED.reason
