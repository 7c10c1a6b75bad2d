from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.motion import SpeedBorder, frame_step_speeds

# x = t² makes every border treatment give another speed.
CURVE = np.stack([np.arange(7.0) ** 2, np.zeros(7)], axis=1)[None]


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        (SpeedBorder.EXCLUDE, [None, None, 4, 6, 8, None, None]),
        (SpeedBorder.ADAPTIVE, [None, 2, 4, 6, 8, 10, None]),
        (SpeedBorder.SINGLE_SIDED, [2, 4, 4, 6, 8, 8, 10]),
    ],
)
def test_borders(border: SpeedBorder, expected: list[float | None]) -> None:
    found = frame_step_speeds(CURVE, frame_rate_hz=1, frame_step=2, border=border)[0]
    assert [None if np.isnan(speed) else speed for speed in found] == expected


def test_borders_are_those_of_the_track_not_of_the_recording() -> None:
    late = np.full((1, 11, 2), np.nan)
    late[0, 2:9] = CURVE
    whole = frame_step_speeds(CURVE, frame_rate_hz=1, frame_step=2, border=SpeedBorder.SINGLE_SIDED)
    found = frame_step_speeds(late, frame_rate_hz=1, frame_step=2, border=SpeedBorder.SINGLE_SIDED)
    np.testing.assert_array_equal(found[0, 2:9], whole[0])
    assert np.isnan(found[0, [0, 1, 9, 10]]).all()


def test_no_speed_across_a_gap() -> None:
    gap = CURVE.copy()
    gap[0, 3] = np.nan
    found = frame_step_speeds(gap, frame_rate_hz=1, frame_step=1)[0]
    assert np.isnan(found).tolist() == [True, False, True, True, True, False, True]


def test_along_a_direction_the_speed_has_a_sign_and_no_unit_of_its() -> None:
    back = frame_step_speeds(CURVE, frame_rate_hz=5, frame_step=1, direction=(-3.0, 0.0))[0]
    assert back[1:-1] == pytest.approx([-10, -20, -30, -40, -50])
    across = frame_step_speeds(CURVE, frame_rate_hz=5, frame_step=1, direction=(0.0, 1.0))[0]
    assert across[1:-1] == pytest.approx(0)


def test_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="frame_step >= 1"):
        frame_step_speeds(CURVE, frame_rate_hz=25, frame_step=0)
    with pytest.raises(ValueError, match="frame_rate_hz > 0"):
        frame_step_speeds(CURVE, frame_rate_hz=0, frame_step=1)
    with pytest.raises(ValueError, match=r"\(N, K, 2\)"):
        frame_step_speeds(CURVE[0], frame_rate_hz=25, frame_step=1)
    with pytest.raises(ValueError, match="direction"):
        frame_step_speeds(CURVE, frame_rate_hz=25, frame_step=1, direction=(0.0, 0.0))
    assert frame_step_speeds(np.zeros((0, 4, 2)), frame_rate_hz=1, frame_step=1).shape == (0, 4)
