from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.observation import PictureFlow
from backend.vision.optical_flow import DenseFlow, reduce_picture
from tests.vision.moving_pictures import WH, Scenery, picture

GROUND = Scenery(1)
CROWD = Scenery(2)
RATE_HZ = 25.0
STILL = np.zeros(2)


def _play(
    draw: Callable[[float], FloatArray],
    *,
    seconds: float,
    rate_hz: float = RATE_HZ,
    flow: DenseFlow | None = None,
) -> list[PictureFlow]:
    meter = flow or DenseFlow()
    found = [
        meter.update(picture(draw(k / rate_hz), seed=k), stream_time_s=k / rate_hz, segment=0)
        for k in range(round(seconds * rate_hz) + 1)
    ]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("velocity", [(13.0, 0.0), (-31.0, 17.5), (90.0, -140.0), (8.0, 6.0)])
def test_a_known_shift_is_read_within_five_percent(velocity: tuple[float, float]) -> None:
    moved = np.array(velocity)
    (found,) = _play(lambda t: GROUND.seen(moved * t), seconds=0.12)
    speed = float(np.hypot(*velocity))
    # The test picture itself is drawn to 1/32 px: 0.3 px/s.
    assert np.median(found.velocity_px_per_s, axis=0) == pytest.approx(
        moved, abs=0.05 * speed + 0.3
    )
    off = np.linalg.norm(found.velocity_px_per_s - moved, axis=1)
    assert np.quantile(off, 0.9) < 0.05 * speed + 2.0
    assert len(found.points_px) > 1500


@pytest.mark.parametrize("rate_hz", [7.0, 12.5, 25.0, 60.0])
def test_the_frame_rate_does_not_matter(rate_hz: float) -> None:
    moved = np.array([24.0, -10.0])
    found = _play(lambda t: GROUND.seen(moved * t), seconds=0.5, rate_hz=rate_hz)
    assert 3 <= len(found) <= 5
    for one in found:
        assert np.median(one.velocity_px_per_s, axis=0) == pytest.approx(moved, abs=1.3)


def _crowd_on_ground(t: float, *, shake: FloatArray, turn_deg: float = 0.0) -> FloatArray:
    """The lower right of the picture moves at (30, -12) px/s; all of it shakes."""
    seen = GROUND.seen(shake, turn_deg=turn_deg)
    inside = np.zeros((WH[1], WH[0]), bool)
    inside[270:, 480:] = True
    return np.where(inside, CROWD.seen(np.array([30.0, -12.0]) * t + shake), seen)


def _split(found: PictureFlow) -> tuple[FloatArray, FloatArray]:
    """Velocities of the crowd's cells and of the ground's, well away from the border."""
    x, y = found.points_px.T
    crowd = (x > 500) & (y > 290)
    ground = (x < 460) | (y < 250)
    velocity = found.velocity_px_per_s.astype(np.float64)
    return velocity[crowd], velocity[ground]


def test_the_shaking_of_the_mast_is_subtracted() -> None:
    def shake(t: float) -> FloatArray:
        return 4.0 * np.array([np.sin(2 * np.pi * 1.3 * t), 0.6 * np.cos(2 * np.pi * 0.9 * t)])

    found = _play(lambda t: _crowd_on_ground(t, shake=shake(t)), seconds=4.0)
    crowd, ground = zip(*(_split(one) for one in found[-12:]), strict=True)
    unsubtracted = 4.0 * 2 * np.pi * 1.3 / np.sqrt(2)
    left = np.sqrt((np.concatenate(ground) ** 2).sum(axis=1).mean())
    assert left < 0.1 * unsubtracted
    mean = np.median(np.concatenate(crowd), axis=0)
    assert mean == pytest.approx([30.0, -12.0], abs=1.6)
    assert found[-1].noise_px_per_s < 2.0


def test_a_turning_mast_is_subtracted_too() -> None:
    found = _play(
        lambda t: _crowd_on_ground(t, shake=STILL, turn_deg=0.4 * np.sin(2 * np.pi * t)),
        seconds=3.6,
    )
    left = np.concatenate([_split(one)[1] for one in found[-10:]])
    corner = np.radians(0.4) * 2 * np.pi * 550 / np.sqrt(2)
    assert np.sqrt((left**2).sum(axis=1).mean()) < 0.15 * corner


def test_a_crowd_that_fills_the_picture_is_not_taken_for_the_camera() -> None:
    moved = np.array([20.0, 6.0])
    found = _play(lambda t: CROWD.seen(moved * t), seconds=4.0)
    assert np.median(found[-1].velocity_px_per_s, axis=0) == pytest.approx(moved, abs=1.5)


def test_a_crowd_that_fills_the_picture_and_sways_slowly_is_not_taken_for_the_camera() -> None:
    def place(t: float) -> FloatArray:
        return 40.0 * np.array([np.sin(2 * np.pi * t / 18), np.cos(2 * np.pi * t / 18)])

    found = _play(lambda t: CROWD.seen(place(t)), seconds=6.0, rate_hz=10.0)
    speed = [np.linalg.norm(np.median(one.velocity_px_per_s, axis=0)) for one in found[-20:]]
    assert np.mean(speed) == pytest.approx(40 * 2 * np.pi / 18, rel=0.15)


def test_cells_without_texture_are_left_out() -> None:
    def draw(t: float) -> FloatArray:
        seen = GROUND.seen(np.array([20.0, 0.0]) * t)
        seen[:, : WH[0] // 2] = 90.0
        return seen

    (found,) = _play(draw, seconds=0.12)
    assert (found.points_px[:, 0] > WH[0] / 2 - 20).all()
    assert len(found.points_px) > 700


def test_stripes_tell_no_motion_along_themselves() -> None:
    y = np.arange(WH[1])[:, None] * np.ones((1, WH[0]))
    (found,) = _play(lambda t: 128 + 60 * np.sin((y - 30 * t) / 5), seconds=0.12)
    assert len(found.points_px) == 0
    assert found.velocity_px_per_s.shape == (0, 2)


def test_what_is_not_found_again_is_left_out() -> None:
    """From one picture to the next a quarter of the scene is replaced by another."""

    def draw(t: float) -> FloatArray:
        seen = GROUND.seen(np.array([20.0, 0.0]) * t)
        seen[270:, 480:] = Scenery(10 + round(10 * t)).seen(STILL)[270:, 480:]
        return seen

    (found,) = _play(draw, seconds=0.1, rate_hz=10.0)
    x, y = found.points_px.T
    replaced = int(((x > 490) & (y > 280)).sum())
    assert replaced < 0.15 * len(found.points_px) / 3
    assert len(found.points_px) > 1200


def _update(meter: DenseFlow, t: float, *, segment: int = 0, at: float | None = None) -> bool:
    seen = picture(GROUND.seen(np.array([20.0 * (t if at is None else at), 0.0])), seed=1)
    return meter.update(seen, stream_time_s=t, segment=segment) is not None


def test_flow_needs_two_pictures_of_one_segment_close_in_time() -> None:
    meter = DenseFlow()
    assert not _update(meter, 0.0)
    assert not _update(meter, 0.04)
    assert _update(meter, 0.12)
    assert not _update(meter, 1.5)
    assert _update(meter, 1.6)
    assert not _update(meter, 1.7, segment=1)
    assert _update(meter, 1.8, segment=1)
    assert not _update(meter, 0.3, segment=1)


def test_a_repeated_picture_says_nothing_about_motion() -> None:
    meter = DenseFlow()
    assert not _update(meter, 0.0, at=0.0)
    assert not _update(meter, 0.2, at=0.0)
    assert _update(meter, 0.4, at=0.4)


def test_what_is_returned_cannot_be_changed() -> None:
    (found,) = _play(lambda t: GROUND.seen(np.array([20.0, 0.0]) * t), seconds=0.12)
    assert found.points_px.dtype == found.velocity_px_per_s.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        found.velocity_px_per_s[0] = 0


@pytest.mark.parametrize(
    ("hw", "reduced"),
    [((1080, 1920), (270, 480)), ((1280, 720), (480, 270)), ((240, 320), (240, 320))],
)
def test_pictures_are_reduced_to_the_same_size_either_way_up(
    hw: tuple[int, int], reduced: tuple[int, int]
) -> None:
    assert reduce_picture(np.zeros((*hw, 3), np.uint8)).shape == reduced


@pytest.mark.assets
def test_a_dense_street_by_night(assets: Path) -> None:
    """The crossing people of the lower half move, the house fronts of the upper do not."""
    meter, found = DenseFlow(), []
    capture = cv2.VideoCapture(str(assets / "videos" / "street-night-dense.mp4"))
    for k in range(60):
        ok, image = capture.read()
        assert ok
        found.append(meter.update(image, stream_time_s=k / 30, segment=0))
    capture.release()
    flows = [one for one in found if one is not None]
    assert len(flows) >= 13
    last = flows[-1]
    speed = np.hypot(*last.velocity_px_per_s.T)
    front, people = last.points_px[:, 1] < 280, last.points_px[:, 1] > 640
    assert np.median(speed[front]) < 2
    assert np.quantile(speed[people], 0.9) > 40
    assert speed.max() < 600
    assert 0 < last.noise_px_per_s < 3
