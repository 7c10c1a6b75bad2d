"""The live settings of the risk level."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.risk import RiskLevel


@dataclass(frozen=True, slots=True)
class RiskParams:
    """Settings an administrator may change while cameras run.

    Attributes:
        density_caution, density_warning, density_critical: Lower edges of the density bands,
            1/m², increasing.
        risk_caution, risk_warning, risk_critical: Lower edges of the score bands, 0-100,
            increasing.
        sustain_critical_s: Seconds above its limit before CRITICAL is believed.
        sustain_other_s: The same for WARNING and CAUTION.
        hold_fraction: A level is held down to this share of its limit, in (0, 1].
        reset_s: Seconds below that share after which the timer starts again from zero.
        ema_alpha: Weight of the newest second in the trend of the score, in (0, 1].
    """

    density_caution: float = 2.0
    density_warning: float = 4.0
    density_critical: float = 6.0
    risk_caution: float = 25.0
    risk_warning: float = 50.0
    risk_critical: float = 75.0
    sustain_critical_s: float = 3.0
    sustain_other_s: float = 10.0
    hold_fraction: float = 0.85
    reset_s: float = 30.0
    ema_alpha: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.density_caution < self.density_warning < self.density_critical:
            raise ValueError("density bands must increase: 0 < caution < warning < critical")
        if not 0 < self.risk_caution < self.risk_warning < self.risk_critical <= 100:
            raise ValueError("risk bands must increase: 0 < caution < warning < critical <= 100")
        if min(self.sustain_critical_s, self.sustain_other_s, self.reset_s) < 0:
            raise ValueError("sustain and reset times must not be negative")
        if not 0 < self.hold_fraction <= 1:
            raise ValueError(f"hold_fraction must be in (0, 1], got {self.hold_fraction}")
        if not 0 < self.ema_alpha <= 1:
            raise ValueError(f"ema_alpha must be in (0, 1], got {self.ema_alpha}")

    def density_edge(self, level: RiskLevel) -> float:
        """Density at which ``level`` begins, 1/m²; 0 for SAFE."""
        return (0.0, self.density_caution, self.density_warning, self.density_critical)[level]

    def score_edge(self, level: RiskLevel) -> float:
        """Score at which ``level`` begins; 0 for SAFE."""
        return (0.0, self.risk_caution, self.risk_warning, self.risk_critical)[level]

    def sustain_s(self, level: RiskLevel) -> float:
        """Seconds above the limit before ``level`` is believed."""
        return self.sustain_critical_s if level is RiskLevel.CRITICAL else self.sustain_other_s
