"""The calibrated view: found again in any light, missed when the camera is moved."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.core.calibration import BackgroundFeatures
from backend.vision.camera_moved import (
    NOT_YET,
    OTHER_SCENE,
    TOO_LITTLE,
    CameraMovedCheck,
    CameraMovedParams,
    ViewState,
)
from backend.vision.landmarks import background_features
from backend.vision.view_match import match_views

Picture = npt.NDArray[np.uint8]

NOBODY = np.zeros((0, 4), np.float32)
WH = (640, 360)


@lru_cache
def scene(seed: int = 1, wh: tuple[int, int] = WH) -> Picture:
    """A made-up square: walls, windows, kerbs and lamps of all greys."""
    rng = np.random.default_rng(seed)
    width, height = 960, round(960 * wh[1] / wh[0])
    picture = np.full((height, width, 3), 120, np.uint8)
    for _ in range(220):
        corner = rng.integers((0, 0), (width, height))
        size = rng.integers(8, 120, 2)
        colour = tuple(int(value) for value in rng.integers(30, 225, 3))
        if rng.random() < 0.5:
            cv2.rectangle(picture, corner.tolist(), (corner + size).tolist(), colour, cv2.FILLED)
        else:
            cv2.line(picture, corner.tolist(), (corner + size).tolist(), colour, 3, cv2.LINE_AA)
    return np.asarray(cv2.resize(picture, wh, interpolation=cv2.INTER_AREA), np.uint8)


def crowd(seed: int, wh: tuple[int, int] = WH) -> Picture:
    """Heads and shoulders from edge to edge, at other places each time."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 255, (wh[1] // 6, wh[0] // 6, 3), np.uint8)
    return np.asarray(cv2.resize(picture, wh, interpolation=cv2.INTER_CUBIC), np.uint8)


def with_people(picture: Picture, seed: int) -> tuple[Picture, npt.NDArray[np.float32]]:
    """Put twelve people somewhere; return the picture and their boxes."""
    rng = np.random.default_rng(seed)
    picture = picture.copy()
    boxes = []
    for x, y in rng.uniform((0, 60), (WH[0] - 30, WH[1] - 80), (12, 2)).astype(int).tolist():
        picture[y : y + 70, x : x + 25] = rng.integers(0, 255, (70, 25, 3))
        boxes.append((x, y, x + 25, y + 70))
    return picture, np.array(boxes, np.float32)


def placed(
    picture: Picture, *, shift: float = 0.0, turn: float = 0.0, zoom: float = 1.0
) -> Picture:
    """The view of a camera that was moved; shift as a share of the width, turn in radians."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), np.degrees(turn), zoom)
    matrix[0, 2] += shift * width
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def made(picture: Picture) -> BackgroundFeatures:
    found = background_features(picture, NOBODY)
    assert found is not None
    return found


def watch(
    check: CameraMovedCheck,
    view: Callable[[int], Picture],
    *,
    seconds: int,
    first_s: float = 0.0,
    step_s: int = 1,
) -> list[ViewState]:
    """Show a picture every ``step_s`` seconds; return the states."""
    return [
        check.examine(view(n), NOBODY, stream_time_s=first_s + n).state
        for n in range(0, seconds, step_s)
    ]


def checked(reference: BackgroundFeatures | None = None) -> CameraMovedCheck:
    return CameraMovedCheck(made(scene()) if reference is None else reference)


def test_landmarks_are_spread_over_the_picture_and_never_on_people() -> None:
    picture, boxes = with_people(scene(), 3)
    found = background_features(picture, boxes)
    assert found is not None
    assert found.picture_wh == WH
    assert 200 <= len(found.points_px) <= 768
    assert found.descriptors.dtype == np.uint8
    x, y = found.points_px.T
    for x0, y0, x1, y1 in boxes:
        assert not ((x > x0) & (x < x1) & (y > y0) & (y < y1)).any()
    fields, counts = np.unique((found.points_px // 80).astype(int), axis=0, return_counts=True)
    assert len(fields) > 20
    assert counts.max() <= 4 * 16


def test_landmarks_of_a_large_picture_are_in_its_own_pixels() -> None:
    small = made(scene())
    large = made(np.asarray(cv2.resize(scene(), (1920, 1080)), np.uint8))
    assert large.points_px.max() > 960
    found = match_views(small, large)
    assert found is not None
    assert found.displacement < 0.004


@pytest.mark.parametrize("value", [0, 90, 255])
def test_nothing_to_hold_on_to_gives_no_landmarks(value: int) -> None:
    flat = np.full((360, 640, 3), value, np.uint8)
    assert background_features(flat, NOBODY) is None
    everywhere = np.array([[0, 0, 640, 360]], np.float32)
    assert background_features(scene(), everywhere) is None


RNG = np.random.default_rng(5)
LIGHTS: dict[str, Callable[[Picture], Picture]] = {
    "as it was": lambda picture: picture,
    "30 % brighter": lambda picture: cv2.convertScaleAbs(picture, alpha=1.3),
    "30 % darker": lambda picture: cv2.convertScaleAbs(picture, alpha=0.7),
    "more contrast": lambda picture: cv2.addWeighted(picture, 1.3, picture, 0, -38),
    "less contrast": lambda picture: cv2.addWeighted(picture, 0.7, picture, 0, 38),
    "blurred": lambda picture: cv2.GaussianBlur(picture, (0, 0), 1.2),
    "noisy": lambda picture: cv2.add(picture, RNG.integers(0, 25, picture.shape).astype(np.uint8)),
    "with people": lambda picture: with_people(picture, 8)[0],
    "monochrome": lambda picture: cv2.merge([cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)] * 3),
}


@pytest.mark.parametrize("light", list(LIGHTS))
def test_light_weather_and_people_do_not_move_a_camera(light: str) -> None:
    states = watch(checked(), lambda _n: np.asarray(LIGHTS[light](scene()), np.uint8), seconds=21)
    assert set(states) == {ViewState.STEADY}


def test_a_mast_that_sways_by_a_few_pixels_has_not_moved() -> None:
    sway = np.random.default_rng(2).uniform(-0.004, 0.004, 40)
    states = watch(checked(), lambda n: placed(scene(), shift=sway[n], turn=sway[n]), seconds=40)
    assert set(states) == {ViewState.STEADY}


@pytest.mark.parametrize("size", [0.02, 0.05, 0.20])
@pytest.mark.parametrize("kind", ["shift", "turn", "zoom"])
def test_a_moved_camera_is_noticed_within_twenty_seconds(kind: str, size: float) -> None:
    check = checked()
    assert set(watch(check, lambda _n: scene(), seconds=11)) == {ViewState.STEADY}
    moved = placed(scene(), **{kind: 1 + size if kind == "zoom" else size})
    states = watch(check, lambda _n: moved, seconds=21, first_s=11)
    assert states[0] is ViewState.STEADY, "one look is not enough"
    assert states[-1] is ViewState.MOVED


def test_the_reason_says_how_the_view_lies() -> None:
    check = checked()
    moved = placed(scene(), shift=0.05, turn=0.05, zoom=1.08)
    watch(check, lambda _n: moved, seconds=21)
    reason = check.examine(moved, NOBODY, stream_time_s=21.0).reason
    assert reason.startswith("The camera was moved: the view is shifted by 5 % of the picture's")
    turned = re.search(r"width, turned by (\S+)°, zoomed to 108 %\.", reason)
    assert turned is not None
    assert float(turned[1]) == pytest.approx(2.9, abs=0.3)
    assert reason.endswith("calibrate again.")
    watch(check, lambda _n: placed(scene(), shift=0.2), seconds=20, first_s=22)
    again = check.examine(moved, NOBODY, stream_time_s=50.0)
    assert again.reason == reason, "the sentence stands while the state does"


def test_another_scene_is_a_moved_camera() -> None:
    check = checked()
    watch(check, lambda _n: scene(), seconds=6)
    states = watch(check, lambda _n: scene(seed=2), seconds=21, first_s=6)
    assert states[-1] is ViewState.MOVED
    assert check.examine(scene(seed=2), NOBODY, stream_time_s=27.0) == OTHER_SCENE


def test_a_crowd_that_hides_everything_is_no_other_scene() -> None:
    check = checked()
    watch(check, lambda _n: scene(), seconds=6)
    states = watch(check, crowd, seconds=60, first_s=6, step_s=3)
    assert ViewState.MOVED not in states
    assert states[-1] is ViewState.UNVERIFIED
    assert check.examine(scene(), NOBODY, stream_time_s=70.0).state is ViewState.STEADY


def test_a_dark_picture_leaves_the_question_open() -> None:
    check = checked()
    dark = np.zeros_like(scene())
    watch(check, lambda _n: scene(), seconds=6)
    states = watch(check, lambda _n: dark, seconds=30, first_s=6)
    assert states[0] is ViewState.STEADY
    assert states[-1] is ViewState.UNVERIFIED
    assert check.examine(dark, NOBODY, stream_time_s=36.0) == TOO_LITTLE


def test_darkness_does_not_clear_a_moved_camera_but_three_good_looks_do() -> None:
    check = checked()
    watch(check, lambda _n: placed(scene(), shift=0.1), seconds=21)
    dark = np.zeros_like(scene())
    assert set(watch(check, lambda _n: dark, seconds=30, first_s=21)) == {ViewState.MOVED}
    states = watch(check, lambda _n: scene(), seconds=21, first_s=51)
    assert states[5] is ViewState.MOVED
    assert states[-1] is ViewState.STEADY


def test_between_two_looks_the_picture_is_not_looked_at() -> None:
    check = checked()
    elsewhere = placed(scene(), shift=0.1)
    for n in range(40):
        picture = scene() if n % 5 == 0 else elsewhere
        assert check.examine(picture, NOBODY, stream_time_s=float(n)).state is ViewState.STEADY


def test_a_stream_of_another_size_is_the_same_view() -> None:
    large = np.asarray(cv2.resize(scene(), (1280, 720)), np.uint8)
    states = watch(checked(made(large)), lambda _n: scene(), seconds=6)
    assert set(states) == {ViewState.STEADY}


def test_without_stored_landmarks_the_view_of_the_first_seconds_is_taken() -> None:
    check = CameraMovedCheck(None)
    dark = np.zeros_like(scene())
    assert check.examine(dark, NOBODY, stream_time_s=0.0) == NOT_YET
    watch(check, lambda _n: dark, seconds=6)
    states = watch(check, lambda _n: scene(), seconds=15, first_s=6)
    assert states[-1] is ViewState.STEADY
    moved = watch(check, lambda _n: placed(scene(), turn=0.05), seconds=21, first_s=21)
    assert moved[-1] is ViewState.MOVED


def test_a_moved_camera_stays_moved_through_a_reconnect() -> None:
    check = checked()
    moved = placed(scene(), shift=0.1)
    watch(check, lambda _n: moved, seconds=21, first_s=300)
    assert set(watch(check, lambda _n: moved, seconds=21)) == {ViewState.MOVED}


def by_night(share: float) -> Picture:
    """The square from day (0) to night (1): other edges show under lamps than under the sun."""
    return np.asarray(cv2.addWeighted(scene(), 1 - share, scene(seed=9), share, 0), np.uint8)


def test_dusk_is_followed_and_a_move_in_the_night_is_found() -> None:
    assert match_views(made(by_night(0)), made(by_night(1))) is None, "unlike without the dusk"
    check = CameraMovedCheck(made(by_night(0)), CameraMovedParams(refresh_s=10.0))
    dusk = watch(check, lambda n: by_night(min(n / 200, 1)), seconds=240, step_s=5)
    assert set(dusk) == {ViewState.STEADY}
    night = placed(by_night(1), shift=0.03)
    assert watch(check, lambda _n: night, seconds=21, first_s=240)[-1] is ViewState.MOVED


def test_a_camera_that_slips_slowly_is_measured_from_where_it_was_calibrated() -> None:
    check = CameraMovedCheck(made(by_night(0)), CameraMovedParams(refresh_s=10.0))
    states = watch(
        check,
        lambda n: placed(by_night(min(n / 200, 1.0)), shift=0.02 * n / 240),
        seconds=260,
        step_s=5,
    )
    assert set(states[:22]) == {ViewState.STEADY}
    assert states[-1] is ViewState.MOVED


def pictures(path: Path, *, every: int, most: int) -> list[Picture]:
    with av.open(str(path)) as video:
        chosen = [f for n, f in enumerate(video.decode(video=0)) if n % every == 0][:most]
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in chosen]


@pytest.mark.assets
@pytest.mark.parametrize("clip", ["videos/town-centre.mp4", "data/mot/PETS09-S2L1/PETS09-S2L1.avi"])
def test_a_fixed_camera_over_a_busy_street_is_steady(assets: Path, clip: str) -> None:
    first, *later = pictures(assets / clip, every=25, most=13)
    check = CameraMovedCheck(made(first))
    looks = [check.examine(p, NOBODY, stream_time_s=5.0 * n) for n, p in enumerate(later)]
    assert {verdict.state for verdict in looks} == {ViewState.STEADY}
    turned = [placed(picture, turn=0.02) for picture in later[:4]]
    end_s = 5.0 * len(later)
    seen = [check.examine(p, NOBODY, stream_time_s=end_s + 5 * n) for n, p in enumerate(turned)]
    assert seen[-1].state is ViewState.MOVED


@pytest.mark.assets
def test_a_real_crowd_from_edge_to_edge_is_no_other_scene(assets: Path) -> None:
    """Nothing of the calibrated view is left: that proves nothing while the picture teems."""
    stand = pictures(assets / "videos" / "stadium-stand-dense.mp4", every=65, most=4)
    check = CameraMovedCheck(made(scene(wh=(1280, 720))))
    states = [
        check.examine(picture, NOBODY, stream_time_s=5.0 * n).state
        for n, picture in enumerate(stand)
    ]
    assert ViewState.MOVED not in states
    assert states[-1] is ViewState.UNVERIFIED
