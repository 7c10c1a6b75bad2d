from __future__ import annotations

import pytest

from backend.crowd.params import AnalysisParams


@pytest.mark.parametrize(
    "bad",
    [
        {"cluster_eps_px": 0},
        {"proximity_threshold_px": -1},
        {"cluster_eps_m": 0},
        {"proximity_threshold_m": float("nan")},
        {"cluster_min_samples": 0},
        {"coherence_window": 0},
        {"anomaly_velocity_zscore": 0},
        {"ema_alpha": 0},
        {"ema_alpha": 1.1},
    ],
)
def test_refuses_senseless_values_by_name(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        AnalysisParams(**bad)  # type: ignore[arg-type]
