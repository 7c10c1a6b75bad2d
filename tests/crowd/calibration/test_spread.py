from __future__ import annotations

import numpy as np
import pytest
from shapely import Polygon

from backend.crowd.calibration import GroundPlane
from backend.crowd.calibration.spread import ground_samples, relative_spreads

PLANE = GroundPlane.from_matrix(np.diag([0.01, 0.01, 1.0]))
OUTLINE = np.array([[0.0, 0], [400, 0], [400, 300], [0, 300]])
SAMPLES = ground_samples(Polygon(PLANE.to_world(OUTLINE)))


def _spreads(scales: np.ndarray) -> tuple[float, float]:
    matrices = np.diag([0.01, 0.01, 1.0]) * np.ones((len(scales), 1, 1))
    matrices[:, :2] *= scales[:, None, None]
    return relative_spreads(matrices, plane=PLANE, outline_px=OUTLINE, samples_m=SAMPLES)


def test_the_same_plane_again_has_no_spread() -> None:
    assert _spreads(np.ones(50)) == pytest.approx((0, 0), abs=1e-12)


def test_an_uncertain_scale_counts_once_for_lengths_and_twice_for_areas() -> None:
    length, area = _spreads(np.linspace(0.9, 1.1, 2001))
    assert length == pytest.approx(0.09, abs=0.001)
    assert area == pytest.approx(1.09**2 - 1, abs=0.002)


def test_the_longer_side_counts() -> None:
    length, _ = _spreads(np.concatenate([np.ones(50), np.full(50, 1.4)]))
    assert length == pytest.approx(0.4)


def test_an_area_beyond_the_horizon_is_infinitely_uncertain() -> None:
    matrices = np.repeat(np.diag([0.01, 0.01, 1.0])[None], 20, axis=0)
    matrices[:5, 2, 1] = -1 / 200
    length, area = relative_spreads(matrices, plane=PLANE, outline_px=OUTLINE, samples_m=SAMPLES)
    assert length == area == np.inf


def test_samples_cover_the_area_and_nothing_else() -> None:
    triangle = Polygon([(0, 0), (10, 0), (0, 10)])
    samples = ground_samples(triangle)
    assert 20 <= len(samples) <= 64
    assert (samples.sum(axis=1) < 10).all()
    thread = Polygon([(0, 0), (10, 10), (10, 10.001), (0, 0.001)])
    assert len(ground_samples(thread)) >= 1
