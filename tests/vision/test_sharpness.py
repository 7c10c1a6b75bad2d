from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.sharpness import SharpnessWatch, measure_sharpness
from tests.vision.moving_pictures import Scenery, picture

Picture = npt.NDArray[np.uint8]
SHARP = Scenery(1, grain_px=1.0, contrast=45.0).seen(np.zeros(2))[:270, :480]


def seen(
    *, blur_px: float = 0.0, contrast: float = 1.0, noise: float = 1.5, seed: int = 1
) -> Picture:
    """Return the scene through a lens out of focus by a Gaussian of ``blur_px``."""
    grey = cv2.GaussianBlur(SHARP, (0, 0), blur_px) if blur_px else SHARP
    return picture(128 + contrast * (grey - 128), seed=seed, noise=noise)


def smeared(share: float) -> Picture:
    """Return the scene through a lens with a greasy wipe over part of it."""
    wiped = seen()
    width = int(share * wiped.shape[1])
    wiped[:, :width] = cv2.blur(wiped, (15, 1))[:, :width]
    return wiped


def watch(pictures: list[Picture], *, watcher: SharpnessWatch, begin_s: float = 0.0) -> list[bool]:
    return [watcher.update(one, stream_time_s=begin_s + 5.0 * n) for n, one in enumerate(pictures)]


def test_steepness_falls_with_blur_and_hardly_changes_with_light_or_noise() -> None:
    sharp, soft = measure_sharpness(seen()).steepness, measure_sharpness(seen(blur_px=2)).steepness
    dim = measure_sharpness(seen(contrast=0.6)).steepness
    noisy = measure_sharpness(seen(blur_px=2, noise=4.0)).steepness
    assert sharp is not None and soft is not None and dim is not None and noisy is not None
    assert soft < 0.7 * sharp
    assert dim == pytest.approx(sharp, rel=0.1)
    assert noisy == pytest.approx(soft, rel=0.15)


def test_a_perfect_edge_through_a_gaussian_is_as_steep_as_the_formula_says() -> None:
    step = np.where((np.arange(960) + 10) % 120 < 60, 60.0, 200.0)
    scene = np.repeat(step[None], 540, axis=0)
    grey = cv2.GaussianBlur(scene, (0, 0), 3.0)
    found = measure_sharpness(picture(grey, seed=1, noise=0.0)).steepness
    # 1 / (sigma √2π), with the 3 × 3 smoothing (σ² + 0.64) that takes the noise out
    assert found == pytest.approx(1 / np.sqrt(2 * np.pi * (9 + 0.64)), rel=0.05)


def test_a_picture_without_contrast_or_size_tells_nothing() -> None:
    grey = np.full((540, 960, 3), 90, np.uint8)
    assert measure_sharpness(grey).steepness is None
    assert measure_sharpness(grey).contrast_share == 0.0
    assert measure_sharpness(grey[:40, :40]).steepness is None
    assert not any(watch([grey] * 20, watcher=SharpnessWatch()))


def test_a_lens_that_goes_soft_is_noticed_after_ten_seconds_and_forgiven_after_five() -> None:
    watcher = SharpnessWatch()
    assert not any(watch([seen(seed=n) for n in range(8)], watcher=watcher))
    soft = watch([seen(blur_px=1.5, seed=n) for n in range(4)], watcher=watcher, begin_s=40)
    assert soft == [False, False, True, True]
    clear = watch([seen(seed=n) for n in range(3)], watcher=watcher, begin_s=60)
    assert clear == [True, False, False]


def test_one_soft_picture_means_nothing() -> None:
    watcher = SharpnessWatch()
    pictures = [seen(blur_px=3.0 if n % 3 == 2 else 0.0, seed=n) for n in range(24)]
    assert not any(watch(pictures, watcher=watcher))


def test_a_camera_out_of_focus_from_the_start_is_found() -> None:
    assert watch([seen(blur_px=4.0)] * 6, watcher=SharpnessWatch())[-1]


def test_a_smear_along_one_direction_is_found_if_it_covers_half_of_the_picture() -> None:
    for share, found in ((0.2, False), (0.6, True)):
        watcher = SharpnessWatch()
        watch([seen(seed=n) for n in range(8)], watcher=watcher)
        assert watch([smeared(share)] * 5, watcher=watcher, begin_s=40)[-1] is found


def test_a_covered_lens_is_found_but_lights_that_go_out_are_not_a_lens() -> None:
    for level, found in ((140, True), (12, False)):
        watcher = SharpnessWatch()
        watch([seen(seed=n) for n in range(8)], watcher=watcher)
        covered = np.full((270, 480, 3), level, np.uint8)
        assert watch([covered] * 5, watcher=watcher, begin_s=40)[-1] is found


def test_a_softer_scene_becomes_the_usual_one_in_time() -> None:
    watcher = SharpnessWatch()
    watch([seen(seed=n) for n in range(8)], watcher=watcher)
    later = watch([seen(blur_px=1.5)] * 400, watcher=watcher, begin_s=40)
    assert later[10]
    assert not later[-1]


def test_a_new_segment_keeps_what_was_learnt() -> None:
    watcher = SharpnessWatch()
    watch([seen(seed=n) for n in range(8)], watcher=watcher)
    watcher.reset()
    assert watch([seen(blur_px=1.5)] * 4, watcher=watcher)[-1]
