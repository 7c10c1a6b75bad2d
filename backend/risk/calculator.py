"""Risk of one place: measurements in, level, score and named causes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from backend.core.measurements import CrowdMetrics
from backend.core.risk import Cause, RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.crowd.stream_clock import StreamClock, StreamStep
from backend.crowd.trend import Trend
from backend.risk.demands import CAUSE_ORDER, Demand, Situation, compute_demands
from backend.risk.params import RiskParams
from backend.risk.rule_timers import RuleTimers
from backend.risk.score import SURGE_LIMIT, Basis, Crowdedness, compute_parts, crowdedness
from backend.risk.sustain import SustainTimer

PRESSURE_DENSITY_PER_M2 = 4.0
PRESSURE_SUSTAIN_S = 10.0
"""Crowd pressure counts only where local density was at least this for this long."""

DENSE_PER_M2 = 2.0
DENSE_MEMORY_S = 60.0
"""A counter that saturates within this time of 2 people/m² is taken to be looking at a crowd."""

TOLD_APART = "cluster_count"
"""A number of single people: its trust is that of the boxes, whatever counts beside them."""

FurtherDemands: TypeAlias = Callable[[Situation, RiskParams], Iterable[Demand]]
"""Limits of one place besides those that hold everywhere."""


def _no_further(_now: Situation, _params: RiskParams) -> tuple[Demand, ...]:
    return ()


class RiskCalculator:
    """Level and score of one place, in stream time.

    ``level = max(band(weighted), hard floors)``, each sustained by its own timer. Timers live
    on across reconnects: a lost connection neither runs nor resets them, so a held level does
    not fall because the camera was away. Owned by one video thread.

    Args:
        params: Live settings.
        people_limit: People the place may hold, > 0, or None.
        weighs_slowness: Slow people in a dense place raise the score; not where people are meant
            to stand or sit still. The hard floor of stagnation holds either way.
        further: The place's own limits.
    """

    def __init__(
        self,
        params: RiskParams,
        *,
        people_limit: int | None,
        weighs_slowness: bool = True,
        further: FurtherDemands = _no_further,
    ) -> None:
        if people_limit is not None and people_limit <= 0:
            raise ValueError(f"people_limit must be above 0 or None, got {people_limit}")
        self._params = params
        self._people_limit = people_limit
        self._weighs_slowness = weighs_slowness
        self._further = further
        self._clock = StreamClock()
        self._timers = RuleTimers()
        self._pressure_gate = SustainTimer()
        self._score_trend = Trend()
        self._dense_at_s: float | None = None
        self._saturated_level: RiskLevel | None = None

    def set_params(self, params: RiskParams) -> None:
        """Use other live settings from the next frame on; timers keep what they have run."""
        self._params = params

    def set_use(self, *, weighs_slowness: bool, further: FurtherDemands) -> None:
        """Go by another use or other limits of the same place from the next frame on.

        What rules of the same key have run stays: the people in it are the same.
        """
        self._weighs_slowness = weighs_slowness
        self._further = further

    def update(
        self, metrics: CrowdMetrics, *, stream_time_s: float, segment: int
    ) -> RiskAssessment:
        """Assess one frame.

        Args:
            metrics: Measurements of the frame.
            stream_time_s: Presentation time within the segment, seconds.
            segment: Grows with every reconnect.

        Returns:
            The assessment. ``score`` is None where nothing says how full the place is; the
            level then comes from the remaining floors.
        """
        step = self._clock.advance(stream_time_s, segment=segment)
        crowd = crowdedness(metrics, self._people_limit)
        pressure_counts = self._gate_pressure(metrics, crowd, step)
        weighed = metrics if self._weighs_slowness else replace(metrics, mean_speed_mps=None)
        parts = compute_parts(weighed, crowd, pressure_counts=pressure_counts)
        now = Situation(metrics, crowd, parts, self._people_limit, pressure_counts)
        believed = self._timers.believe(
            (*self._further(now, self._params), *compute_demands(now, self._params)),
            self._params,
            is_unsure=metrics.trust in (Trust.SATURATED, Trust.UNKNOWN),
            elapsed_s=step.elapsed_s,
        )
        saturated = self._saturation_floor(metrics, crowd, step)
        unrated = self._unrated_floor(metrics, crowd)
        floors = [cause for cause in (saturated, unrated) if cause is not None]
        causes = worst_of_each_name([*believed, *floors])
        level = max((cause.level for cause in causes), default=RiskLevel.SAFE)
        score = None
        if parts.weighted is not None:
            score = max(parts.weighted, self._params.score_edge(level))
        trend = self._score_trend.update(
            score, alpha_per_s=self._params.ema_alpha, elapsed_s=step.elapsed_s
        )
        return RiskAssessment(
            level=level,
            score=score,
            parts=parts,
            causes=causes,
            score_ema=trend,
            notices=_notices(metrics, causes),
        )

    def _gate_pressure(
        self, metrics: CrowdMetrics, crowd: Crowdedness | None, step: StreamStep
    ) -> bool:
        """Whether crowd pressure means anything: dense for long enough, where it was found."""
        rho = metrics.pressure_density_per_m2
        if rho is None and crowd is not None and crowd.basis is not Basis.LIMIT:
            rho = crowd.density_per_m2
        held_from = self._params.hold_fraction * PRESSURE_DENSITY_PER_M2
        running_s = self._pressure_gate.update(
            is_above=rho is not None and rho >= PRESSURE_DENSITY_PER_M2,
            is_held=rho is None or metrics.trust is Trust.SATURATED or rho >= held_from,
            elapsed_s=step.elapsed_s,
            reset_s=self._params.reset_s,
        )
        # Pressure found in a sparse corner says nothing of the dense place that opened the gate.
        return running_s >= PRESSURE_SUSTAIN_S - 1e-9 and (rho is None or rho >= held_from)

    def _saturation_floor(
        self, metrics: CrowdMetrics, crowd: Crowdedness | None, step: StreamStep
    ) -> Cause | None:
        """CAUTION while the counter is saturated, WARNING where density was 2 or more.

        No sustain: the analyser's own latch has decided that the evidence stands.
        """
        is_density = crowd is not None and crowd.basis is not Basis.LIMIT
        if is_density and crowd is not None and crowd.density_per_m2 >= DENSE_PER_M2:
            self._dense_at_s = step.total_s
        if metrics.trust is not Trust.SATURATED:
            self._saturated_level = None
            return None
        was_dense = (
            self._dense_at_s is not None and step.total_s - self._dense_at_s <= DENSE_MEMORY_S
        )
        wanted = RiskLevel.WARNING if was_dense else RiskLevel.CAUTION
        self._saturated_level = max(wanted, self._saturated_level or RiskLevel.CAUTION)
        # why is the trust's reason, which is shown and sent beside the cause
        text = f"The crowd is too dense or too far away to be counted{_lower_bound(metrics)}."
        return Cause("saturated", self._saturated_level, None, None, "", text)

    def _unrated_floor(self, metrics: CrowdMetrics, crowd: Crowdedness | None) -> Cause | None:
        """CAUTION where boxes are saturated, the map counts, and no local density rates it.

        That the map makes up for the boxes is no reason to be calmer about a place than without
        it: a mean over an area, a share of a limit, or nothing at all say nothing of how
        densely the people stand whom boxes cannot tell apart any more.
        """
        boxes = metrics.quality.get(TOLD_APART)
        is_saturated = boxes is not None and boxes.trust is Trust.SATURATED
        peak = metrics.quality.get("peak_density_per_m2")
        has_upper_end = peak is None or peak.high is not None
        is_rated = crowd is not None and crowd.basis is Basis.PEAK and has_upper_end
        if not is_saturated or is_rated or metrics.trust is Trust.SATURATED:
            return None
        crowded = round(metrics.map_share * metrics.count)
        text = (
            f"About {crowded} people stand too close to be told apart, "
            "and no calibration says reliably how densely."
        )
        return Cause("unrated_crowd", RiskLevel.CAUTION, None, None, "", text)


def _lower_bound(metrics: CrowdMetrics) -> str:
    """Return what is proven of the number of people; nothing where that is nobody."""
    lowest = round(metrics.count_low)
    if lowest < 1:
        return ""
    return f": at least {lowest} {'person' if lowest == 1 else 'people'}"


def worst_of_each_name(causes: list[Cause]) -> tuple[Cause, ...]:
    """Keep the highest level of each name; most severe first, then in `CAUSE_ORDER`."""
    worst: dict[str, Cause] = {}
    for cause in causes:
        known = worst.get(cause.name)
        if known is None or cause.level > known.level:
            worst[cause.name] = cause
    return tuple(
        sorted(worst.values(), key=lambda cause: (-cause.level, CAUSE_ORDER.index(cause.name)))
    )


def _notices(metrics: CrowdMetrics, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """SPIKE as information where the surge raised no level."""
    if metrics.surge is None or not metrics.surge_significant or metrics.surge <= SURGE_LIMIT:
        return ()
    if any(cause.name == "surge" for cause in causes):
        return ()
    percent = 100.0 * metrics.surge
    limit = 100.0 * SURGE_LIMIT
    text = f"The count rose by {percent:.0f} % (limit {limit:.0f} %)."
    return (Cause("surge", RiskLevel.SAFE, percent, limit, "%", text),)
