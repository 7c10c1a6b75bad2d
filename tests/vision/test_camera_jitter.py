from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.camera_jitter import JitterParams, JitterWatch, shows_shaking
from tests.vision.moving_pictures import Scenery

Place = Callable[[float], npt.NDArray[np.float64]]
WH = (480, 270)
WORLD = np.clip(Scenery(5).seen(np.zeros(2)), 0, 255).astype(np.uint8)
NOISE = np.random.default_rng(1).integers(0, 5, (8, WH[1], WH[0], 1), np.uint8)


def sway(amplitude_px: float, period_s: float) -> Place:
    """Return the place of a camera in the wind, in pixels of a 270-line picture."""
    return lambda time_s: (
        amplitude_px
        * np.array([np.sin(2 * np.pi * time_s / period_s), 0.5 * np.cos(5.0 * time_s / period_s)])
    )


def seen_from(place: npt.NDArray[np.float64], number: int) -> npt.NDArray[np.uint8]:
    """Return the window of the world that a camera at ``place`` sees, with a sensor's noise."""
    shift = np.array([[1.0, 0.0, place[0] - 200.0], [0.0, 1.0, place[1] - 120.0]])
    grey = cv2.warpAffine(WORLD, shift, WH)
    return np.repeat(grey[:, :, None], 3, axis=2) // 2 + NOISE[number % len(NOISE)]


def film(
    watcher: JitterWatch,
    place: Place,
    *,
    seconds: float,
    begin_s: float = 0.0,
    every_s: float = 0.3,
) -> list[bool]:
    found = []
    for n, time_s in enumerate(np.arange(begin_s, begin_s + seconds, every_s)):
        image = seen_from(place(float(time_s)), n)
        found.append(watcher.update(image, stream_time_s=float(time_s)))
    return found


QUICK = JitterParams(rest_s=1.0)


@pytest.mark.parametrize(("amplitude_px", "period_s"), [(1.2, 1.1), (3.0, 1.1), (3.0, 2.3)])
def test_wind_in_the_mast_is_noticed_and_its_end_too(amplitude_px: float, period_s: float) -> None:
    watcher = JitterWatch(QUICK)
    assert film(watcher, sway(amplitude_px, period_s), seconds=11)[-1]
    assert not film(watcher, lambda _: np.zeros(2), seconds=14, begin_s=11)[-1]


def test_a_camera_that_stands_or_pans_or_is_turned_once_does_not_shake() -> None:
    assert not any(film(JitterWatch(QUICK), lambda _: np.zeros(2), seconds=11))
    assert not any(film(JitterWatch(QUICK), lambda t: np.array([6.0 * t, 0.0]), seconds=11))
    once: Place = lambda t: np.array([0.0, 0.0]) if t < 3 else np.array([40.0, 5.0])  # noqa: E731
    assert not any(film(JitterWatch(QUICK), once, seconds=11))


def test_a_slow_stream_is_looked_at_as_often_as_it_comes() -> None:
    watcher = JitterWatch(QUICK)
    assert film(watcher, sway(3.0, 1.1), seconds=24, every_s=0.5)[-1]


def test_a_picture_without_corners_says_nothing() -> None:
    watcher = JitterWatch(QUICK)
    grey = np.full((270, 480, 3), 90, np.uint8)
    assert not any(watcher.update(grey, stream_time_s=0.3 * n) for n in range(60))


def test_time_that_jumps_back_begins_anew() -> None:
    watcher = JitterWatch(QUICK)
    film(watcher, sway(3.0, 1.1), seconds=4)
    assert not any(film(watcher, sway(3.0, 1.1), seconds=4))


def test_what_counts_as_shaking() -> None:
    params = JitterParams()
    to_and_fro = np.stack([6 * np.sin(2.2 * np.arange(15)), np.zeros(15)], axis=1)
    assert shows_shaking(to_and_fro, params, was_shaking=False)
    assert not shows_shaking(to_and_fro / 2, params, was_shaking=False)
    assert shows_shaking(to_and_fro * 0.7, params, was_shaking=True)
    assert not shows_shaking(to_and_fro * 0.4, params, was_shaking=True)
    assert not shows_shaking(to_and_fro + np.array([10.0, 0.0]), params, was_shaking=False), "a pan"
    there_and_back = np.repeat([[9.0, 0.0], [-9.0, 0.0]], 8, axis=0)
    assert not shows_shaking(there_and_back, params, was_shaking=False), "a slow sweep"
