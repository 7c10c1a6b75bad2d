"""Which of the demands of one place are believed: a sustain timer for every rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from backend.core.risk import Cause, RiskLevel
from backend.risk.demands import Demand
from backend.risk.params import RiskParams
from backend.risk.sustain import SustainTimer

RuleKey: TypeAlias = tuple[str, RiskLevel]


@dataclass(slots=True)
class _Rule:
    """What one rule has run up.

    Attributes:
        threshold: Limit it was run up against.
        standing: The cause as it was when last above the limit; None for never.
    """

    threshold: float
    timer: SustainTimer = field(default_factory=SustainTimer)
    standing: Cause | None = None


class RuleTimers:
    """The timers of one place; owned by one video thread.

    A rule is its key and level, whatever its limit. A rule that is demanded no longer is
    forgotten: it comes back as a new one.
    """

    def __init__(self) -> None:
        self._rules: dict[RuleKey, _Rule] = {}

    def __len__(self) -> int:
        """Number of rules remembered."""
        return len(self._rules)

    def believe(
        self, demands: Iterable[Demand], params: RiskParams, *, is_unsure: bool, elapsed_s: float
    ) -> list[Cause]:
        """Take all demands of one frame and return the causes that are believed, or held.

        Args:
            demands: Each rule once, above its limit or not.
            params: Live settings.
            is_unsure: The numbers are "at least" or unknown: one below its limit is no evidence
                that the limit is kept.
            elapsed_s: Stream time since the frame before, seconds.
        """
        rules: dict[RuleKey, _Rule] = {}
        causes = []
        for demand in demands:
            key = (demand.key, demand.level)
            rules[key] = _rule_for(demand, self._rules.get(key), is_unsure=is_unsure)
            cause = _sustain(rules[key], demand, params, is_unsure=is_unsure, elapsed_s=elapsed_s)
            if cause is not None:
                causes.append(cause)
        self._rules = rules
        return causes


def _rule_for(demand: Demand, known: _Rule | None, *, is_unsure: bool) -> _Rule:
    """Return the rule as it stands against the limit of now.

    Above a stricter limit is all that was above the one before: nothing is forgotten. What ran
    up against a limit that people have raised since is evidence only of a number that is still
    above; below, the rule begins anew, once the number is known well enough to say so.
    """
    if known is None:
        return _Rule(demand.threshold)
    if demand.is_set_by_people and demand.threshold > known.threshold and not demand.is_above:
        return known if is_unsure or demand.compared is None else _Rule(demand.threshold)
    known.threshold = demand.threshold
    return known


def _sustain(
    rule: _Rule, demand: Demand, params: RiskParams, *, is_unsure: bool, elapsed_s: float
) -> Cause | None:
    """Run the rule's timer; return its cause once, and as long as, it is believed."""
    running_s = rule.timer.update(
        is_above=demand.is_above,
        is_held=is_unsure or demand.is_held(params.hold_fraction),
        elapsed_s=elapsed_s,
        reset_s=params.reset_s,
    )
    if demand.is_above:
        rule.standing = demand.cause
    if rule.timer.has_reset:
        rule.standing = None
    if rule.standing is None or running_s < demand.sustain_s - 1e-9:
        return None
    return demand.cause if demand.is_above else _held(rule.standing, demand)


def _held(standing: Cause, demand: Demand) -> Cause:
    """The cause as it stood when last above its limit, with the number of now."""
    value = demand.cause.value if standing.name == demand.cause.name else standing.value
    text = f"Held after: {standing.text}"
    return replace(standing, value=value, text=text)
