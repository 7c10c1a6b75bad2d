"""Bands of true counts by which results are listed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """True people from ``low``, below ``high`` (None = any number)."""

    low: int
    high: int | None

    @property
    def name(self) -> str:
        """For tables: ``50–100``, ``1000 and more``."""
        return f"{self.low} and more" if self.high is None else f"{self.low}–{self.high}"

    def holds(self, true: float) -> bool:
        """Whether a true count belongs to the band."""
        return self.low <= true and (self.high is None or true < self.high)


BANDS = (
    Band(0, 50),
    Band(50, 100),
    Band(100, 250),
    Band(250, 500),
    Band(500, 1000),
    Band(1000, None),
)
