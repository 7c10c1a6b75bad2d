"""What one instant demands: every limit, what it was compared with, in which words.

A demand is not yet a level: its sustain timer (`risk.sustain`) decides when it is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.measurements import CrowdMetrics
from backend.core.risk import Cause, RiskLevel, RiskParts
from backend.crowd.oscillation_spectrum import MIN_STRENGTH
from backend.risk.params import RiskParams
from backend.risk.score import (
    PRESSURE_LIMIT_PER_S2,
    SURGE_LIMIT,
    Basis,
    Crowdedness,
    addends,
)

STAGNATION_DENSITY_PER_M2 = 4.0
RAPID_PEOPLE = 10.0
RAPID_SUSTAIN_S = 3.0
OVERCROWD_SHARES = ((RiskLevel.CAUTION, 0.8), (RiskLevel.WARNING, 1.0))

RAISED_LEVELS = (RiskLevel.CAUTION, RiskLevel.WARNING, RiskLevel.CRITICAL)

CAUSE_ORDER = (
    "density",
    "pressure",
    "oscillation",
    "stagnation",
    "disorder",
    "rapid_movement",
    "surge",
    "people_limit",
    "saturated",
    "unrated_crowd",
)
"""Which cause is named first among those of one level."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One limit compared with one number.

    Attributes:
        key: Stable name of the rule; with the level it identifies the sustain timer.
        cause: Level, number, limit and words in force while the demand stands.
        compared: Number that is compared, None while not known.
        threshold: Number it is compared with.
        sustain_s: Seconds above before it is believed.
        is_strict: Over the threshold, not at it, counts as above.
        is_set_by_people: The limit is one that people gave this place: where they raise it,
            what ran below the new one counts no longer.
    """

    key: str
    cause: Cause
    compared: float | None
    threshold: float
    sustain_s: float
    is_strict: bool = False
    is_set_by_people: bool = False

    @property
    def level(self) -> RiskLevel:
        """Level demanded."""
        return self.cause.level

    @property
    def is_above(self) -> bool:
        """The number is over its limit now."""
        if self.compared is None:
            return False
        if self.is_strict:
            return self.compared > self.threshold
        return self.compared >= self.threshold

    def is_held(self, fraction: float) -> bool:
        """The number is not known, or not far enough below the limit to let go."""
        return self.compared is None or self.compared >= fraction * self.threshold


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the demands of one instant are drawn from."""

    metrics: CrowdMetrics
    crowd: Crowdedness | None
    parts: RiskParts
    people_limit: int | None
    pressure_counts: bool


def compute_demands(now: Situation, params: RiskParams) -> list[Demand]:
    """Return all demands of one instant, whether above their limits or not."""
    return [
        *_density(now, params),
        *_score(now, params),
        *_people_limit(now, params),
        _pressure(now, params),
        _oscillation(now),
        _stagnation(now),
        _rapid(now),
    ]


def _density(now: Situation, params: RiskParams) -> list[Demand]:
    rho = None
    if now.crowd is not None and now.crowd.basis is not Basis.LIMIT:
        rho = now.crowd.density_per_m2
    by_hand = now.crowd is not None and now.crowd.basis is Basis.AREA
    what = "Density over the area entered by hand" if by_hand else "Peak density"
    found = []
    for level in RAISED_LEVELS:
        limit = params.density_edge(level)
        text = f"{what} {_number(rho)} people/m² (limit {limit:g})."
        cause = Cause("density", level, rho, limit, "1/m²", text)
        found.append(Demand("density", cause, rho, limit, params.sustain_s(level)))
    return found


def _score(now: Situation, params: RiskParams) -> list[Demand]:
    found = []
    for level in RAISED_LEVELS:
        limit = params.score_edge(level)
        cause = _score_cause(now, level, limit)
        found.append(Demand("score", cause, now.parts.weighted, limit, params.sustain_s(level)))
    return found


def _score_cause(now: Situation, level: RiskLevel, limit: float) -> Cause:
    """Name the factor that carried the score over ``limit``.

    The surge is named where the score would have stayed below without it; otherwise the
    biggest of the other factors.
    """
    points = addends(now.parts)
    ending = f": risk score {_number(now.parts.weighted)} (limit {limit:g})."
    surge = points.pop("surge", 0.0)
    if surge > 0 and sum(points.values()) < limit:
        percent = 100.0 * (now.metrics.surge or 0.0)
        text = f"The count rose by {percent:.0f} % (limit {100 * SURGE_LIMIT:.0f} %)"
        return Cause("surge", level, percent, 100 * SURGE_LIMIT, "%", text + ending)
    leading = max(points, key=points.__getitem__, default="density")
    metrics = now.metrics
    if leading == "velocity":
        text = f"Hardly anybody moves, {_number(metrics.mean_speed_mps, 2)} m/s, and it is dense"
        return Cause("stagnation", level, metrics.mean_speed_mps, 0.5, "m/s", text + ending)
    if leading == "pressure_boost":
        pressure = metrics.crowd_pressure_per_s2
        text = f"Crowd pressure {_number(pressure, 3)} /s² (limit {PRESSURE_LIMIT_PER_S2})"
        return Cause("pressure", level, pressure, PRESSURE_LIMIT_PER_S2, "1/s²", text + ending)
    if leading == "coherence_boost":
        text = f"People move in disorder, {_number(metrics.disorder, 2)} of 1, and it is dense"
        return Cause("disorder", level, metrics.disorder, 1.0, "", text + ending)
    return _fullness_cause(now, level, ending)


def _fullness_cause(now: Situation, level: RiskLevel, ending: str) -> Cause:
    if now.crowd is not None and now.crowd.basis is Basis.LIMIT and now.people_limit:
        percent = 100.0 * now.metrics.count / now.people_limit
        text = f"{percent:.0f} % of the people limit"
        return Cause("people_limit", level, percent, 100.0, "%", text + ending)
    rho = now.crowd.density_per_m2 if now.crowd is not None else None
    text = f"Density {_number(rho)} people/m²"
    return Cause("density", level, rho, 6.0, "1/m²", text + ending)


def _people_limit(now: Situation, params: RiskParams) -> list[Demand]:
    if now.people_limit is None:
        return []
    share = now.metrics.count / now.people_limit
    found = []
    for level, limit in OVERCROWD_SHARES:
        text = (
            f"{now.metrics.count:.0f} people, {100 * share:.0f} % of the limit of "
            f"{now.people_limit} (alarm above {100 * limit:.0f} %)."
        )
        cause = Cause("people_limit", level, 100 * share, 100 * limit, "%", text)
        sustain_s = params.sustain_s(level)
        found.append(Demand("people_limit", cause, share, limit, sustain_s, is_strict=True))
    return found


def _pressure(now: Situation, params: RiskParams) -> Demand:
    pressure = now.metrics.crowd_pressure_per_s2
    compared = pressure if pressure is None or now.pressure_counts else 0.0
    limit = PRESSURE_LIMIT_PER_S2
    rho = now.metrics.pressure_density_per_m2
    where = "in a dense place" if rho is None else f"where there are {_number(rho)} people/m²"
    text = f"Crowd pressure {_number(pressure, 3)} /s² (limit {limit}) {where}."
    cause = Cause("pressure", RiskLevel.WARNING, pressure, limit, "1/s²", text)
    return Demand("pressure", cause, compared, limit, params.sustain_s(RiskLevel.WARNING))


def _oscillation(now: Situation) -> Demand:
    """No sustain: a period is only named after four of them, a minute at least.

    That none is found contradicts one found before, so it is compared as 0 and not as unknown.
    """
    period_s = now.metrics.oscillation_period_s
    strength = now.metrics.oscillation_strength if period_s is not None else 0.0
    limit = MIN_STRENGTH
    text = (
        f"The crowd sways as one body with a period of {_number(period_s, 0)} s: "
        f"{_number(strength)} times the background (limit {limit:g})."
    )
    cause = Cause("oscillation", RiskLevel.WARNING, strength, limit, "", text)
    return Demand("oscillation", cause, strength, limit, 0.0)


def _stagnation(now: Situation) -> Demand:
    """Sustained already: `CrowdMetrics.stagnant` itself asks for 10 s."""
    rho = now.metrics.peak_density_per_m2
    compared = rho if rho is None or now.metrics.stagnant else 0.0
    limit = STAGNATION_DENSITY_PER_M2
    text = (
        f"The crowd stands still, {_number(now.metrics.mean_speed_mps, 2)} m/s, "
        f"at {_number(rho)} people/m² (limit {limit:g})."
    )
    cause = Cause("stagnation", RiskLevel.WARNING, rho, limit, "1/m²", text)
    return Demand("stagnation", cause, compared, limit, 0.0)


def _rapid(now: Situation) -> Demand:
    rapid = None if now.metrics.rapid_count is None else float(now.metrics.rapid_count)
    text = f"{_number(rapid, 0)} people move faster than 2.5 m/s (limit {RAPID_PEOPLE:g} people)."
    cause = Cause("rapid_movement", RiskLevel.WARNING, rapid, RAPID_PEOPLE, "people", text)
    return Demand("rapid_movement", cause, rapid, RAPID_PEOPLE, RAPID_SUSTAIN_S)


def _number(value: float | None, digits: int = 1) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"
