from __future__ import annotations

import pytest

from backend.risk.alert_params import AlertParams
from backend.risk.params import RiskParams


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"density_warning": 1.0}, "density bands"),
        ({"density_caution": 0.0}, "density bands"),
        ({"risk_critical": 40.0}, "risk bands"),
        ({"risk_critical": 101.0}, "risk bands"),
        ({"sustain_other_s": -1.0}, "sustain"),
        ({"hold_fraction": 0.0}, "hold_fraction"),
        ({"ema_alpha": 2.0}, "ema_alpha"),
    ],
)
def test_refuses_senseless_limits(bad: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RiskParams(**bad)


def test_refuses_negative_alert_times() -> None:
    with pytest.raises(ValueError, match="cooldown_s"):
        AlertParams(cooldown_s=-1)
