"""The live settings of the crowd analysis."""

from __future__ import annotations

from dataclasses import dataclass

_LENGTHS = (
    "cluster_eps_px",
    "proximity_threshold_px",
    "cluster_eps_m",
    "proximity_threshold_m",
)


@dataclass(frozen=True, slots=True)
class AnalysisParams:
    """Settings an administrator may change while cameras run.

    Attributes:
        cluster_eps_px: DBSCAN neighbourhood radius of uncalibrated cameras, in pixels of a
            picture 1280 px wide; scaled with the width of the real picture.
        cluster_eps_m: The same of calibrated cameras, metres on the ground.
        cluster_min_samples: Smallest number of people that make a cluster, >= 1.
        anomaly_velocity_zscore: Robust z-score of speed above which a person is anomalous.
        coherence_window: Number of flow samples averaged for coherence, bidirectionality and
            disorder; one sample is taken every 0.2 s of stream time, so 10 means 2 s.
        proximity_threshold_px: Distance of a proximity pair of uncalibrated cameras, in pixels
            of a picture 1280 px wide; scaled likewise.
        proximity_threshold_m: The same of calibrated cameras, metres on the ground.
        ema_alpha: Weight of the newest second in trends, in (0, 1].
        optical_flow: Dense optical flow is computed for every calibrated camera, and motion
            measured on it, not only where people can no longer be told apart.
    """

    cluster_eps_px: float = 120.0
    cluster_min_samples: int = 2
    anomaly_velocity_zscore: float = 2.0
    coherence_window: int = 10
    proximity_threshold_px: float = 80.0
    ema_alpha: float = 0.3
    cluster_eps_m: float = 1.5
    proximity_threshold_m: float = 0.8
    optical_flow: bool = False

    def __post_init__(self) -> None:
        for name in _LENGTHS:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.cluster_min_samples < 1 or self.coherence_window < 1:
            raise ValueError("cluster_min_samples and coherence_window must be at least 1")
        if self.anomaly_velocity_zscore <= 0:
            raise ValueError("anomaly_velocity_zscore must be above 0")
        if not 0 < self.ema_alpha <= 1:
            raise ValueError(f"ema_alpha must be in (0, 1], got {self.ema_alpha}")
