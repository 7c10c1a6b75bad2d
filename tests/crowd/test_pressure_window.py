from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.density_kernel import DensityKernel
from backend.crowd.pressure import PressureReading, PressureWindow
from backend.crowd.pressure_window import VelocitySource
from backend.crowd.still_noise import VelocityNoise
from tests.reference.moving_crowds import lattice, square

SILENT = VelocityNoise(0.0, 0.0, is_measured=True)
ROOM = DensityKernel(square(12.0))


def _crowds() -> tuple[FloatArray, FloatArray]:
    """A dense crowd in one corner, a sparse one in the opposite corner."""
    return lattice(5, 4.0), lattice(1, 4.0) + 8.0


def _play(
    window: PressureWindow,
    *,
    seconds: float,
    rate_hz: float = 10.0,
    dense_mps: float = 0.1,
    sparse_mps: float = 1.0,
    noise: VelocityNoise | None = SILENT,
) -> PressureReading | None:
    """Two crowds that sway with a period of 1.3 s, each as one body."""
    dense, sparse = _crowds()
    people = np.concatenate([dense, sparse])
    strength = np.r_[np.full(len(dense), dense_mps), np.full(len(sparse), sparse_mps)]
    reading = None
    for k in range(round(seconds * rate_hz)):
        sway = strength * np.sin(2 * np.pi * k / rate_hz / 1.3)
        velocity = np.stack([sway, 0 * sway], axis=1)
        reading = window.update(people, velocity, elapsed_s=1 / rate_hz if k else 0.0, noise=noise)
    return reading


def test_a_lively_sparse_place_does_not_hide_a_dense_one() -> None:
    reading = _play(PressureWindow(ROOM), seconds=3)
    assert reading is not None
    assert reading.density_per_m2 >= 4
    assert max(reading.at_m) < 5
    assert reading.peak_per_s2 == pytest.approx(5 * 0.1**2 / 2, rel=0.3)


def test_where_no_place_is_dense_the_highest_of_all_is_told() -> None:
    _, sparse = _crowds()
    window = PressureWindow(ROOM)
    reading = None
    for k in range(30):
        sway = np.full(len(sparse), np.sin(2 * np.pi * k / 13))
        velocity = np.stack([sway, 0 * sway], axis=1)
        reading = window.update(sparse, velocity, elapsed_s=0.1, noise=SILENT)
    assert reading is not None
    assert reading.density_per_m2 < 2
    assert reading.peak_per_s2 > 0.3


def test_the_window_must_be_full_and_a_new_segment_empties_it() -> None:
    window = PressureWindow(ROOM)
    assert _play(window, seconds=1.5) is None
    assert _play(window, seconds=3) is not None
    window.clear()
    assert window.field() is None
    assert _play(window, seconds=1.5) is None


@pytest.mark.parametrize("rate_hz", [5.0, 8.0, 12.5, 30.0, 60.0])
def test_the_same_at_any_frame_rate(rate_hz: float) -> None:
    reading = _play(PressureWindow(ROOM), seconds=6.5, rate_hz=rate_hz)
    expected = _play(PressureWindow(ROOM), seconds=6.5, rate_hz=100.0)
    assert reading is not None
    assert expected is not None
    assert reading.peak_per_s2 == pytest.approx(expected.peak_per_s2, rel=0.15)


def test_a_gap_in_the_stream_does_not_make_a_window() -> None:
    window = PressureWindow(ROOM)
    _play(window, seconds=3)
    dense, _ = _crowds()
    assert window.update(dense, np.zeros_like(dense), elapsed_s=5.0, noise=SILENT) is None


def test_nobody_in_view_is_none_not_zero() -> None:
    window, nobody = PressureWindow(ROOM), np.zeros((0, 2))
    readings = [window.update(nobody, nobody, elapsed_s=0.2) for _ in range(20)]
    assert readings == [None] * 20


def test_people_without_a_velocity_count_for_the_density_alone() -> None:
    dense, _ = _crowds()
    velocity = np.full_like(dense, np.nan)
    velocity[::2] = 0.3
    window = PressureWindow(ROOM)
    reading = None
    for _ in range(15):
        reading = window.update(dense, velocity, elapsed_s=0.2, noise=SILENT)
    assert reading is not None
    assert reading.density_per_m2 >= 4
    assert reading.peak_per_s2 == pytest.approx(0, abs=1e-9)


def test_density_may_come_from_elsewhere() -> None:
    dense, _ = _crowds()
    window = PressureWindow(ROOM)
    told = ROOM.field(np.repeat(dense, 2, axis=0))
    reading = None
    for _ in range(15):
        reading = window.update(dense, 0.1 * dense, elapsed_s=0.2, noise=SILENT, density=told)
    field = window.field()
    assert reading is not None
    assert field is not None
    assert field.density == pytest.approx(told.values_per_m2, rel=1e-6, nan_ok=True)


def test_two_sources_of_velocity_are_never_mixed() -> None:
    """Tracks say 0.3 m/s, the picture 0.1 m/s: the step between them is nobody's motion."""
    dense, _ = _crowds()
    window = PressureWindow(ROOM)
    peaks = []
    for k in range(40):
        by_picture = k >= 20
        velocity = np.full_like(dense, 0.1 if by_picture else 0.3)
        reading = window.update(
            dense, velocity, elapsed_s=0.2, noise=SILENT if by_picture else None
        )
        peaks.append(reading.peak_per_s2 if reading else None)
    assert max(peak for peak in peaks if peak is not None) == pytest.approx(0, abs=1e-9)
    assert peaks[19] is not None
    assert peaks[20] is None
    assert peaks[39] is not None


def test_flow_of_other_cells_is_another_source() -> None:
    """Both are measured on the picture with the same noise, of other people."""
    dense, _ = _crowds()
    window = PressureWindow(ROOM)
    peaks = []
    for k in range(40):
        on_map = k >= 20
        source = VelocitySource.PICTURE_BY_MAP if on_map else VelocitySource.PICTURE
        velocity = np.full_like(dense, 0.1 if on_map else 0.3)
        reading = window.update(dense, velocity, elapsed_s=0.2, noise=SILENT, source=source)
        peaks.append(reading.peak_per_s2 if reading else None)
    assert max(peak for peak in peaks if peak is not None) == pytest.approx(0, abs=1e-9)
    assert [peak is None for peak in (peaks[19], peaks[20], peaks[39])] == [False, True, False]


def test_noise_of_people_seen_from_afar_is_taken_to_be_larger() -> None:
    """Half of the people jitter four times as much: a pixel there is four times as large."""
    rng = np.random.default_rng(3)
    near, far = lattice(5, 4.0), lattice(5, 4.0) + 8.0
    people = np.concatenate([near, far])
    per_px = np.r_[np.full(len(near), 0.01), np.full(len(far), 0.04)]
    told, untold = PressureWindow(ROOM), PressureWindow(ROOM)
    found = []
    for _ in range(60):
        jitter = rng.normal(0, 1.0, people.shape) * per_px[:, None]
        common = {"elapsed_s": 0.2, "track_ids": np.arange(len(people))}
        knowing = told.update(people + jitter, 5 * jitter, metres_per_px=per_px, **common)
        ignorant = untold.update(people + jitter, 5 * jitter, **common)
        if knowing and ignorant:
            found.append((knowing.peak_per_s2, ignorant.peak_per_s2))
    scaled, alike = np.mean(found, axis=0)
    assert scaled < 0.8 * alike


def test_the_reading_comes_from_the_monitored_area() -> None:
    x, _ = np.meshgrid(ROOM.x_m, ROOM.y_m)
    reading = _play(PressureWindow(ROOM, within=x > 7), seconds=3)
    assert reading is not None
    assert min(reading.at_m) > 7
    assert reading.density_per_m2 < 2


def test_a_sharp_corner_gives_no_reading() -> None:
    """Everybody in a wedge is at rest but the two people in its tip."""
    wedge = DensityKernel([(0.0, 0.0), (14.0, 0.0), (14.0, 6.0)])
    grid = lattice(4, 14.0)
    people = grid[wedge.contains(grid)]
    tip = people[:, 0] < 2.0
    window, reading = PressureWindow(wedge), None
    for k in range(15):
        velocity = np.where(tip, np.sin(2.0 * k), 0.0)[:, None] * np.ones(2)
        reading = window.update(people, velocity, elapsed_s=0.2, noise=SILENT)
    field = window.field()
    assert reading is not None
    assert field is not None
    row, column = np.unravel_index(np.nanargmax(field.values_per_s2), field.density.shape)
    assert not field.counted[row, column]
    assert reading.peak_per_s2 < 0.7 * field.values_per_s2[row, column]


def _pushed(acceleration: float) -> float:
    """Highest pressure of a crowd of 5 /m² whose velocity changes steadily as one body."""
    dense, _ = _crowds()
    window, reading = PressureWindow(ROOM), None
    for k in range(15):
        velocity = np.tile([acceleration * 0.2 * k, 0.0], (len(dense), 1))
        reading = window.update(dense, velocity, elapsed_s=0.2, noise=SILENT)
    assert reading is not None
    return reading.peak_per_s2


def test_a_body_that_turns_gently_has_no_pressure_and_a_shock_has() -> None:
    assert _pushed(0.1) == pytest.approx(0, abs=1e-6)
    assert _pushed(0.6) == pytest.approx(5 * (0.4 * 2.0) ** 2 / 12, rel=0.15)


def test_half_a_crowd_that_is_pushed_has_pressure() -> None:
    """The other half stands: not one body, and little is taken out."""
    dense, _ = _crowds()
    window, reading = PressureWindow(ROOM), None
    for k in range(15):
        push = np.where(dense[:, 0] < 2.0, 0.3 * np.sin(2 * np.pi * k / 6), 0.0)
        velocity = np.stack([push, 0 * push], axis=1)
        reading = window.update(dense, velocity, elapsed_s=0.2, noise=SILENT)
    assert reading is not None
    assert reading.peak_per_s2 > 0.1
    assert reading.at_m[0] < 2.0


def test_memory_stays_bounded() -> None:
    window = PressureWindow(ROOM)
    people, rng = lattice(1, 12.0), np.random.default_rng(1)
    for k in range(300):
        ids = np.arange(len(people)) + 7 * k
        window.update(people, rng.normal(0, 1, people.shape), elapsed_s=0.04, track_ids=ids)
    assert len(window) <= 11
