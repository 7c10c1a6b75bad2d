"""The live settings of incidents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertParams:
    """Settings an administrator may change while cameras run.

    Attributes:
        cooldown_s: Seconds after an incident ended in which the same family does not open
            again, unless CRITICAL or more severe than the one that ended.
        clear_s: Seconds without breach before an incident clears, or before its level is
            lowered.
    """

    cooldown_s: float = 60.0
    clear_s: float = 30.0

    def __post_init__(self) -> None:
        if self.cooldown_s < 0 or self.clear_s < 0:
            raise ValueError("cooldown_s and clear_s must not be negative")
