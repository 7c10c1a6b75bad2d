"""Blindness: when a place can no longer be seen, its last level stays (CROWD-SCIENCE section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.core.duration import age_words
from backend.core.risk import Cause, RiskAssessment, RiskLevel
from backend.core.trust import Trust

MIN_STALE_S = 3.0
STALE_INTERVALS = 3.0


def stale_after_s(planned_interval_s: float | None) -> float:
    """Age at which a measurement becomes unknown: ``max(3 s, 3 x planned interval)``.

    Args:
        planned_interval_s: Seconds between two analysed frames as planned, None if not known.

    Example:
        >>> stale_after_s(0.1), stale_after_s(5.0), stale_after_s(None)
        (3.0, 15.0, 3.0)
    """
    if planned_interval_s is None:
        return MIN_STALE_S
    return max(MIN_STALE_S, STALE_INTERVALS * planned_interval_s)


@dataclass(frozen=True, slots=True)
class HeldRisk:
    """What is to be shown of a place at one tick.

    Attributes:
        level: Last level, raised to WARNING where the place is unknown and was CAUTION or more.
        causes: Last causes; while unknown they are marked as held, and `blindness` is among
            them where the place was CAUTION or more. Most severe first.
        is_unknown: Nothing fresh is known; trust is `Trust.UNKNOWN`.
        reason: Sentence for a person, empty while fresh.
        unknown_since_mono_s: Monotonic time at which the place became unknown, else None.
    """

    level: RiskLevel
    causes: tuple[Cause, ...] = ()
    is_unknown: bool = False
    reason: str = ""
    unknown_since_mono_s: float | None = None


NOTHING_KNOWN = HeldRisk(
    RiskLevel.SAFE, reason="Nothing has been measured since the start.", is_unknown=True
)


class BlindnessHold:
    """Holds the last level of one place on a 1 Hz monotonic tick.

    Only fresh measurements or a person's decision (`release`) let go; no length of time does.

    Args:
        initial: What was held before a restart, so that a restart forgets nothing.
    """

    def __init__(self, initial: HeldRisk = NOTHING_KNOWN) -> None:
        self._level = initial.level
        self._causes = initial.causes
        self._fresh_at_mono_s: float | None = None
        self._stale_after_s = MIN_STALE_S
        self._unknown_since_mono_s: float | None = initial.unknown_since_mono_s
        self._was_unknown = True

    def observe(
        self,
        assessment: RiskAssessment,
        *,
        trust: Trust,
        mono_s: float,
        planned_interval_s: float | None = None,
    ) -> None:
        """Take a fresh assessment; one of trust `unknown` is no news and is left aside.

        Args:
            assessment: Risk of the newest frame.
            trust: Trust of the measurements it rests on.
            mono_s: Monotonic time of publication, seconds.
            planned_interval_s: Planned seconds between two analysed frames.
        """
        if trust is Trust.UNKNOWN:
            return
        self._level = assessment.level
        self._causes = assessment.causes
        self._fresh_at_mono_s = mono_s
        self._stale_after_s = stale_after_s(planned_interval_s)
        self._unknown_since_mono_s = None
        self._was_unknown = False

    def tick(self, *, mono_s: float, lost_reason: str = "") -> HeldRisk:
        """Say what stands now.

        Args:
            mono_s: Monotonic time, seconds.
            lost_reason: Why the place cannot be seen, where that is known at once (camera
                stopped, frozen, moved); empty: only the age of the last measurement decides.
        """
        age_s = None if self._fresh_at_mono_s is None else mono_s - self._fresh_at_mono_s
        if age_s is not None and age_s <= self._stale_after_s and not lost_reason:
            self._was_unknown = False
            return HeldRisk(self._level, self._causes)
        if not self._was_unknown or self._unknown_since_mono_s is None:
            self._unknown_since_mono_s = mono_s
            self._was_unknown = True
        reason = lost_reason or _age_sentence(age_s)
        level, causes = _hold(self._level, self._causes, reason)
        return HeldRisk(level, causes, True, reason, self._unknown_since_mono_s)

    def release(self) -> None:
        """A person has decided that the held level no longer applies."""
        self._level = RiskLevel.SAFE
        self._causes = ()


def _age_sentence(age_s: float | None) -> str:
    if age_s is None:
        return NOTHING_KNOWN.reason
    return f"The last measurement is {age_words(age_s)} old."


def _hold(
    last: RiskLevel, causes: tuple[Cause, ...], reason: str
) -> tuple[RiskLevel, tuple[Cause, ...]]:
    """The floor that a last level becomes, and its causes in words that say so."""
    if last < RiskLevel.CAUTION:
        return last, ()
    blind = Cause(
        "blindness",
        RiskLevel.WARNING,
        None,
        None,
        "",
        f"The place cannot be seen; it was at {last.name} when it last could. {reason}",
    )
    held = tuple(replace(cause, text=f"Held: {cause.text}") for cause in causes)
    ordered = sorted((*held, blind), key=lambda cause: -cause.level)
    return max(last, RiskLevel.WARNING), tuple(ordered)
