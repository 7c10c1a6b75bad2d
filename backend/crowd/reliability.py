"""How far the numbers of one frame may be believed (CROWD-SCIENCE section 5, trust)."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.calibration import Calibration
from backend.core.measurements import SaturationEvidence
from backend.core.trust import Trust, worst_trust

MAX_LAG_S = 2.0
"""Seconds from capture to publication above which numbers are `Trust.DEGRADED`."""

SATURATION_CLEAR_S = 10.0
"""Stream time for which every examination must find no saturation before it is lifted."""

EVIDENCE_EXPIRES_S = 30.0
"""Stream time after which an old "not saturated" no longer vouches for the count."""

MAX_AREA_SPREAD = 0.15
"""A calibration whose area is known no better than this is an estimate."""

MAX_RMS_ERROR_M = 0.5
"""Points that miss each other by more than this, metres, were not all measured right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A trust state and the sentence that explains it (empty for `Trust.OK`)."""

    trust: Trust
    reason: str


class SaturationLatch:
    """Remembers the last examination of the counter; quick to believe the worst, slow to forget.

    "Saturated" holds from the first examination that says so until examinations have said
    otherwise for 10 s of stream time. Silence lifts nothing.
    """

    def __init__(self) -> None:
        self._latest: SaturationEvidence | None = None
        self._latest_at_s = 0.0
        self._saturated: SaturationEvidence | None = None
        self._worst_missed_high = 0.0
        self._clear_since_s: float | None = None

    def missed_high(self, *, total_s: float) -> float:
        """People who may have been missed.

        While saturated by the worst examination since it began, however old: whether a density
        map accounts for them is asked of what closed the latch, and neither silence nor the
        first clear examination answers that. Otherwise by the newest; 0 once that is old.
        """
        if self._saturated is not None:
            return self._worst_missed_high
        if self._latest is None or total_s - self._latest_at_s > EVIDENCE_EXPIRES_S:
            return 0.0
        return self._latest.missed_high

    def update(self, evidence: SaturationEvidence | None, *, total_s: float) -> Verdict:
        """Take the newest examination, or None when there was none for this frame.

        Args:
            evidence: The same object may be given again for every frame until the next one.
            total_s: Stream time over all segments, `StreamStep.total_s`.
        """
        if evidence is not None and evidence is not self._latest:
            self._latest, self._latest_at_s = evidence, total_s
            worst = 0.0 if self._saturated is None else self._worst_missed_high
            self._worst_missed_high = max(worst, evidence.missed_high)
            if evidence.saturated:
                self._saturated, self._clear_since_s = evidence, None
            elif self._saturated is not None:
                if self._clear_since_s is None:
                    self._clear_since_s = total_s
                if total_s - self._clear_since_s >= SATURATION_CLEAR_S:
                    self._saturated = None
        if self._saturated is not None:
            return Verdict(Trust.SATURATED, self._saturated.reason)
        if self._latest is None:
            return Verdict(
                Trust.ESTIMATED, "It has not been checked yet whether everybody can be told apart."
            )
        if total_s - self._latest_at_s > EVIDENCE_EXPIRES_S:
            return Verdict(
                Trust.ESTIMATED,
                "The last check whether everybody can be told apart is older than 30 s.",
            )
        return Verdict(Trust.OK, "")


NO_DOUBT = Verdict(Trust.OK, "")


@dataclass(frozen=True, slots=True)
class MapStanding:
    """What the density map says of the boxes, and of itself.

    Attributes:
        sees_more: It shows far more people than the boxes count.
        carries: It counts (nearly) all of the crowd in which people cannot be told apart.
        is_beyond: That crowd is denser than anything it was validated on.
    """

    sees_more: bool
    carries: bool
    is_beyond: bool


NO_MAP = MapStanding(sees_more=False, carries=False, is_beyond=False)

SEES_MORE = Verdict(
    Trust.SATURATED, "The density map shows far more people than can be told apart."
)
COUNTED_ON_MAP = Verdict(
    Trust.ESTIMATED, "More people than can be told apart: counted on the density map."
)
BEYOND_THE_MAP = Verdict(
    Trust.SATURATED, "The crowd is denser than anything the density map was validated on."
)


def judge_boxes(saturation: Verdict, standing: MapStanding = NO_MAP) -> Verdict:
    """Whether the boxes tell everybody apart: by the detector's survey, and by the map.

    Args:
        saturation: What `SaturationLatch` says.
        standing: What the density map says.
    """
    if saturation.trust is not Trust.SATURATED and standing.sees_more:
        return SEES_MORE
    return saturation


def judge_people(saturation: Verdict, standing: MapStanding = NO_MAP) -> Verdict:
    """Whether everybody is counted, by boxes and map together.

    Saturated boxes are no more than an estimate where the map carries the crowd within the
    range it was validated for; otherwise the count is "at least".

    Args:
        saturation: What `SaturationLatch` says.
        standing: What the density map says.

    Example:
        >>> carried = MapStanding(sees_more=True, carries=True, is_beyond=False)
        >>> judge_people(NO_DOUBT, carried).trust
        <Trust.ESTIMATED: 'estimated'>
    """
    boxes = judge_boxes(saturation, standing)
    if standing.is_beyond:
        return BEYOND_THE_MAP
    if boxes.trust is Trust.SATURATED and standing.carries:
        return COUNTED_ON_MAP
    return boxes


def judge_count(saturation: Verdict, *, reduced_accuracy: bool, lag_s: float | None) -> Verdict:
    """How far the count may be believed, and everything that is measured on tracks.

    Args:
        saturation: Whether everybody is counted: what `judge_people` says, or of the tracks
            alone what `judge_boxes` says.
        reduced_accuracy: The fallback detector is at work.
        lag_s: Seconds from capture to publication, None for recordings.

    Example:
        >>> judge_count(NO_DOUBT, reduced_accuracy=True, lag_s=0.1).trust
        <Trust.DEGRADED: 'degraded'>
    """
    found = [saturation]
    if reduced_accuracy:
        found.append(Verdict(Trust.DEGRADED, "The reduced-accuracy detector is at work."))
    if lag_s is not None and lag_s > MAX_LAG_S:
        found.append(Verdict(Trust.DEGRADED, f"The analysis lags {lag_s:.1f} s behind the camera."))
    return worst_of(*found)


def judge_calibration(calibration: Calibration, *, fault: str) -> Verdict:
    """How far metres may be believed.

    Args:
        calibration: The calibration in force.
        fault: Why it does not fit the picture; empty when it does.

    Returns:
        `unknown` with a fault; `estimated` where it rests on people's heights, or where small
        errors of the points given would change the area by more than 15 % or the points miss
        each other by more than 0.5 m.
    """
    if fault:
        return Verdict(Trust.UNKNOWN, fault)
    if calibration.method.is_estimated:
        return Verdict(
            Trust.ESTIMATED,
            "The calibration is estimated from people's heights: "
            f"areas within ± {100 * calibration.area_spread:.0f} %.",
        )
    if calibration.area_spread > MAX_AREA_SPREAD:
        return Verdict(
            Trust.ESTIMATED,
            "The calibration is sensitive to where its points were set: "
            f"areas within ± {100 * calibration.area_spread:.0f} %.",
        )
    if calibration.rms_error_m is not None and calibration.rms_error_m > MAX_RMS_ERROR_M:
        return Verdict(
            Trust.ESTIMATED,
            f"The calibration's points miss each other by {calibration.rms_error_m:.1f} m.",
        )
    return NO_DOUBT


def worst_of(*verdicts: Verdict) -> Verdict:
    """The worst state, and every reason for it, the worst first.

    Example:
        >>> worst_of(Verdict(Trust.ESTIMATED, "A."), Verdict(Trust.UNKNOWN, "B."))
        Verdict(trust=<Trust.UNKNOWN: 'unknown'>, reason='B. A.')
    """
    given = [verdict for verdict in verdicts if verdict.reason]
    order = tuple(Trust)
    given.sort(key=lambda verdict: order.index(verdict.trust), reverse=True)
    trust = worst_trust(verdict.trust for verdict in verdicts)
    return Verdict(trust, " ".join(verdict.reason for verdict in given))


WHOLE_PICTURE = Verdict(
    Trust.ESTIMATED, "People are counted in the whole picture, not in the monitored area."
)
"""The count while the calibration, and with it the monitored area, cannot be used."""


@dataclass(frozen=True, slots=True)
class Belief:
    """How far the numbers of one frame may be believed.

    Attributes:
        count: The count, and what follows from it.
        metres: Lengths and areas: of the calibration, or of an area typed in by hand.
        overall: What the level rests on, all together.
        is_calibrated: Whether ``metres`` speaks of a calibration.
        told_apart: What is measured on the people told apart; None = as the count.
    """

    count: Verdict
    metres: Verdict
    overall: Verdict
    is_calibrated: bool
    told_apart: Verdict | None = None


def believe(
    count: Verdict,
    calibration: Verdict | None,
    *,
    has_area: bool,
    has_people_limit: bool,
    told_apart: Verdict | None = None,
) -> Belief:
    """Put the verdicts of one frame together.

    Args:
        count: What `judge_count` says.
        calibration: What `judge_calibration` says; None uncalibrated.
        has_area: The area was typed in by hand (used only without a calibration).
        has_people_limit: The place has a people limit.
        told_apart: What `judge_count` says of the tracks alone; None = the same.

    Example:
        >>> believe(NO_DOUBT, None, has_area=False, has_people_limit=False).overall.trust
        <Trust.ESTIMATED: 'estimated'>
    """
    if calibration is not None:
        overall = worst_of(count, calibration)
        return Belief(count, calibration, overall, is_calibrated=True, told_apart=told_apart)
    basis = NO_DOUBT
    if has_area:
        basis = Verdict(Trust.ESTIMATED, "Density rests on an area that was entered by hand.")
    elif not has_people_limit:
        basis = Verdict(
            Trust.ESTIMATED,
            "Neither a calibration nor an area nor a people limit is set: "
            "the level does not know how full the place is.",
        )
    overall = worst_of(count, basis)
    return Belief(count, basis, overall, is_calibrated=False, told_apart=told_apart)
