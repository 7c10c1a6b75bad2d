"""Risk levels and assessments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class RiskLevel(IntEnum):
    """Level shown to people; ordered, so that ``max`` picks the worst."""

    SAFE = 0
    CAUTION = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a level was reached.

    Attributes:
        name: Stable key: density, surge, stagnation, pressure, oscillation, disorder,
            rapid_movement, saturated, people_limit, blindness, score.
        level: Level this cause alone demands.
        value: Measured number, None where there is none (saturated, blindness).
        limit: Number it was compared with.
        unit: Unit of both, as text ("1/m²", "m/s", "%", "").
        text: Sentence for a person, with number and limit.
    """

    name: str
    level: RiskLevel
    value: float | None
    limit: float | None
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class RiskParts:
    """The addends behind the score (CROWD-SCIENCE section 5), each None where undefined.

    Attributes:
        density, surge, velocity, pressure_boost, coherence_boost: Factors in [0, 1].
        weighted: 0-100, before hard floors.
    """

    density: float | None = None
    surge: float | None = None
    velocity: float | None = None
    pressure_boost: float | None = None
    coherence_boost: float | None = None
    weighted: float | None = None


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """Risk of one place at one instant.

    Attributes:
        level: max(band of the weighted score, hard floors), after sustain.
        score: 0-100, at least the lower edge of the level's band; None without any density.
        parts: Factors and weighted score.
        causes: What set the level, most severe first; empty when SAFE.
        score_ema: Trend of the score, EMA per second of stream time.
        notices: Information that raises no level (for instance SPIKE in a sparse place).
    """

    level: RiskLevel
    score: float | None
    parts: RiskParts
    causes: tuple[Cause, ...] = ()
    score_ema: float | None = None
    notices: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneRisk:
    """Risk of one zone of a camera at one instant.

    Attributes:
        zone_id: Whose.
        risk: Level, score and causes; the score is None without a density.
    """

    zone_id: int
    risk: RiskAssessment
