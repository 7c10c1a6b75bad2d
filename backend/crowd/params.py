"""The live settings of the crowd analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisParams:
    """Settings an administrator may change while cameras run.

    Attributes:
        cluster_eps_px: DBSCAN neighbourhood radius in pixels of a picture 1280 px wide;
            scaled with the width of the real picture.
        cluster_min_samples: Smallest number of people that make a cluster, >= 1.
        anomaly_velocity_zscore: Robust z-score of speed above which a person is anomalous.
        coherence_window: Number of flow samples averaged for coherence, bidirectionality and
            disorder; one sample is taken every 0.2 s of stream time, so 10 means 2 s.
        proximity_threshold_px: Distance of a proximity pair in pixels of a picture 1280 px
            wide; scaled likewise.
        ema_alpha: Weight of the newest second in trends, in (0, 1].
    """

    cluster_eps_px: float = 120.0
    cluster_min_samples: int = 2
    anomaly_velocity_zscore: float = 2.0
    coherence_window: int = 10
    proximity_threshold_px: float = 80.0
    ema_alpha: float = 0.3

    def __post_init__(self) -> None:
        if self.cluster_eps_px <= 0 or self.proximity_threshold_px <= 0:
            raise ValueError("cluster_eps_px and proximity_threshold_px must be above 0 px")
        if self.cluster_min_samples < 1 or self.coherence_window < 1:
            raise ValueError("cluster_min_samples and coherence_window must be at least 1")
        if self.anomaly_velocity_zscore <= 0:
            raise ValueError("anomaly_velocity_zscore must be above 0")
        if not 0 < self.ema_alpha <= 1:
            raise ValueError(f"ema_alpha must be in (0, 1], got {self.ema_alpha}")
