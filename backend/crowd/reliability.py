"""How far the numbers of one frame may be believed (CROWD-SCIENCE section 5, trust)."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.measurements import SaturationEvidence
from backend.core.trust import Trust, worst_trust

MAX_LAG_S = 2.0
"""Seconds from capture to publication above which numbers are `Trust.DEGRADED`."""

SATURATION_CLEAR_S = 10.0
"""Stream time for which every examination must find no saturation before it is lifted."""

EVIDENCE_EXPIRES_S = 30.0
"""Stream time after which an old "not saturated" no longer vouches for the count."""


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
        self._clear_since_s: float | None = None

    def update(self, evidence: SaturationEvidence | None, *, total_s: float) -> Verdict:
        """Take the newest examination, or None when there was none for this frame.

        Args:
            evidence: The same object may be given again for every frame until the next one.
            total_s: Stream time over all segments, `StreamStep.total_s`.
        """
        if evidence is not None and evidence is not self._latest:
            self._latest, self._latest_at_s = evidence, total_s
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


def judge_trust(
    saturation: Verdict,
    *,
    reduced_accuracy: bool,
    lag_s: float | None,
    has_area: bool,
    has_people_limit: bool,
) -> Verdict:
    """Overall trust: the worst state anything behind the level is in, and every reason for it.

    Args:
        saturation: What `SaturationLatch` says.
        reduced_accuracy: The fallback detector is at work.
        lag_s: Seconds from capture to publication, None for recordings.
        has_area: Density rests on an area typed in by hand.
        has_people_limit: The level rests on a people limit.

    Example:
        >>> judge_trust(Verdict(Trust.OK, ""), reduced_accuracy=True, lag_s=0.1,
        ...             has_area=False, has_people_limit=True).trust
        <Trust.DEGRADED: 'degraded'>
    """
    found = [saturation]
    if reduced_accuracy:
        found.append(Verdict(Trust.DEGRADED, "The reduced-accuracy detector is at work."))
    if lag_s is not None and lag_s > MAX_LAG_S:
        found.append(Verdict(Trust.DEGRADED, f"The analysis lags {lag_s:.1f} s behind the camera."))
    if has_area:
        found.append(Verdict(Trust.ESTIMATED, "Density rests on an area that was entered by hand."))
    elif not has_people_limit:
        found.append(
            Verdict(
                Trust.ESTIMATED,
                "Neither an area nor a people limit is set: "
                "the level does not know how full the place is.",
            )
        )
    overall = worst_trust(verdict.trust for verdict in found)
    reasons = sorted(
        (verdict for verdict in found if verdict.reason),
        key=lambda verdict: tuple(Trust).index(verdict.trust),
        reverse=True,
    )
    return Verdict(overall, " ".join(verdict.reason for verdict in reasons))
