from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.picture_health import (
    BLACK,
    BLURRED,
    FROZEN,
    SHAKING,
    PictureHealth,
    PictureVerdict,
)
from tests.vision.moving_pictures import Scenery, picture

Picture = npt.NDArray[np.uint8]


def street(rng: np.random.Generator, *, noise: float = 2.0) -> Picture:
    """Return a picture with edges and a sensor's noise."""
    base = np.full((270, 480), 90.0)
    base[::18] = 190.0
    base[:, ::24] = 30.0
    noisy = base + rng.normal(0.0, noise, base.shape)
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def play(health: PictureHealth, pictures: Iterator[tuple[float, Picture]]) -> list[str]:
    return [health.examine(picture, stream_time_s=time_s).reason for time_s, picture in pictures]


def test_a_living_picture_is_good() -> None:
    rng = np.random.default_rng(1)
    reasons = play(PictureHealth(), ((n * 1.0, street(rng)) for n in range(45)))
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


def test_a_recording_may_be_still_and_dark() -> None:
    health = PictureHealth(may_be_blind=False)
    dark = np.full((270, 480, 3), 3, np.uint8)
    assert set(play(health, ((n * 1.0, dark) for n in range(20)))) == {""}


def test_only_a_picture_that_shows_nothing_blinds() -> None:
    assert [v.is_blind for v in (BLACK, FROZEN, BLURRED, SHAKING)] == [True, True, False, False]
    assert [v.shows_places for v in (FROZEN, BLURRED, SHAKING)] == [False, False, True]
    assert PictureVerdict.good().is_good
    assert not any(v.is_good for v in (BLACK, FROZEN, BLURRED, SHAKING))
    assert all(v.reason.endswith(".") for v in (BLACK, FROZEN, BLURRED, SHAKING))


@pytest.mark.parametrize(
    ("sways", "blur_px", "reason"),
    [(False, 0.0, ""), (True, 0.0, SHAKING.reason), (True, 4.0, BLURRED.reason)],
)
def test_blurred_is_said_before_shaking(sways: bool, blur_px: float, reason: str) -> None:
    # a sway through four places, over and over
    scenery = Scenery(3, grain_px=1.0, contrast=45.0)
    places = [np.array(place) for place in ((0.0, 0.0), (4.0, 2.0), (-3.0, 1.0), (1.0, -3.0))]
    seen = [scenery.seen(place if sways else places[0]) for place in places]
    if blur_px:
        seen = [cv2.GaussianBlur(grey, (0, 0), blur_px) for grey in seen]
    film = [picture(grey, seed=n) for n, grey in enumerate(seen)]
    reasons = play(PictureHealth(), ((0.4 * n, film[n % 4]) for n in range(100)))
    assert reasons[-1] == reason


@pytest.mark.assets
@pytest.mark.parametrize(
    "name",
    ["stadium-stand-dense.mp4", "one-by-one-person-detection.mp4"],
)
def test_real_cameras_are_healthy_and_a_real_blur_is_noticed(assets: Path, name: str) -> None:
    pictures: list[Picture] = []
    with av.open(str(assets / "videos" / name)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= 0.6 * len(pictures):
                pictures.append(frame.to_ndarray(format="bgr24"))
            if len(pictures) == 5:
                break
    there_and_back = pictures + pictures[-2:0:-1]  # no seam to jump over
    health = PictureHealth()
    # seen only when there is something to look for: most looks cost nothing
    clean = ((0.6 * n, there_and_back[n % len(there_and_back)]) for n in range(60))
    assert set(play(health, clean)) == {""}
    sigma_px = 3.0 * min(pictures[0].shape[:2]) / 1080
    wet = [cv2.GaussianBlur(seen, (0, 0), sigma_px) for seen in there_and_back]
    reasons = play(health, ((36.0 + 0.6 * n, wet[n % len(wet)]) for n in range(30)))
    assert reasons[-1] == BLURRED.reason
    assert reasons[:12] == [""] * 12, "not before ten seconds have passed"
