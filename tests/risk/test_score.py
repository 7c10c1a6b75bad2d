from __future__ import annotations

from typing import Any

import pytest

from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskParts
from backend.risk.score import Basis, Crowdedness, addends, compute_parts, crowdedness


def _metrics(**values: Any) -> CrowdMetrics:
    return CrowdMetrics(count=100, count_low=90, count_high=110, **values)


def test_the_basis_is_the_best_there_is() -> None:
    calibrated = _metrics(peak_density_per_m2=3.0, density_per_m2=1.0)
    assert crowdedness(calibrated, 50) == Crowdedness(3.0, Basis.PEAK)
    assert crowdedness(_metrics(density_per_m2=1.0), 50) == Crowdedness(1.0, Basis.AREA)
    assert crowdedness(_metrics(), 50) == Crowdedness(8.0, Basis.LIMIT)
    assert crowdedness(_metrics(), None) is None


def test_without_any_density_everything_is_undefined() -> None:
    assert compute_parts(_metrics(surge=1.0), None, pressure_counts=True) == RiskParts()


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ({"peak_density_per_m2": 3.0}, "density", 0.5),
        ({"peak_density_per_m2": 9.0}, "density", 1.0),
        ({"peak_density_per_m2": 1.0, "surge": 0.3, "surge_significant": True}, "surge", 0.5),
        ({"peak_density_per_m2": 4.0, "surge": 0.15, "surge_significant": True}, "surge", 0.5),
        ({"peak_density_per_m2": 4.0, "surge": -0.9, "surge_significant": True}, "surge", 0.0),
        ({"peak_density_per_m2": 4.0, "surge": 0.9}, "surge", 0.0),
        ({"peak_density_per_m2": 4.0}, "surge", None),
        ({"peak_density_per_m2": 3.0, "mean_speed_mps": 0.3}, "velocity", 0.25),
        ({"peak_density_per_m2": 1.8, "mean_speed_mps": 0.0}, "velocity", 0.0),
        ({"peak_density_per_m2": 5.0}, "velocity", None),
        ({"peak_density_per_m2": 5.0, "crowd_pressure_per_s2": 0.01}, "pressure_boost", 0.5),
        ({"peak_density_per_m2": 5.0, "crowd_pressure_per_s2": 9.0}, "pressure_boost", 1.0),
        ({"peak_density_per_m2": 3.0, "disorder": 0.8}, "coherence_boost", 0.4),
        ({"peak_density_per_m2": 1.4, "disorder": 1.0}, "coherence_boost", 0.0),
        ({"peak_density_per_m2": 5.0}, "coherence_boost", None),
    ],
)
def test_factors(values: dict[str, Any], part: str, expected: float | None) -> None:
    metrics = _metrics(**values)
    parts = compute_parts(metrics, crowdedness(metrics, None), pressure_counts=True)
    assert getattr(parts, part) == (expected if expected is None else pytest.approx(expected))


def test_pressure_counts_only_where_it_has_been_dense() -> None:
    metrics = _metrics(peak_density_per_m2=5.0, crowd_pressure_per_s2=9.0)
    parts = compute_parts(metrics, crowdedness(metrics, None), pressure_counts=False)
    assert parts.pressure_boost == 0.0


def test_weights_and_cut() -> None:
    metrics = _metrics(
        peak_density_per_m2=6.0,
        surge=0.3,
        surge_significant=True,
        mean_speed_mps=0.1,
        crowd_pressure_per_s2=0.02,
        disorder=1.0,
    )
    parts = compute_parts(metrics, crowdedness(metrics, None), pressure_counts=True)
    assert addends(parts) == pytest.approx(
        {
            "density": 40,
            "surge": 30,
            "velocity": 30,
            "pressure_boost": 60,
            "coherence_boost": 40,
        }
    )
    assert parts.weighted == 100


def test_a_people_limit_says_nothing_about_tightness() -> None:
    metrics = _metrics(disorder=1.0, mean_speed_mps=0.0)
    parts = compute_parts(metrics, crowdedness(metrics, 100), pressure_counts=True)
    assert parts.density == pytest.approx(4 / 6)
    assert (parts.velocity, parts.pressure_boost, parts.coherence_boost) == (None, None, None)
