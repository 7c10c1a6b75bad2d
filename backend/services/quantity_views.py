"""Each measured number with its unit, its interval and its own trust, for pages and clients."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from backend.core.measurements import UNITS, CrowdMetrics, Quality
from backend.core.trust import Trust
from backend.db.cameras import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityView:
    """One measured number with all that has to be said of it.

    Attributes:
        value: None where it is undefined; a letter or a word where it is no number.
        low, high: 90 % interval; None: that end is not known.
        trust, reason: State of this number alone, and why it is not ``ok``.
    """

    value: float | str | None
    unit: str
    low: float | None
    high: float | None
    trust: str
    reason: str


def plain_value(value: Any) -> Any:
    """Return what JSON knows: the value of an Enum, anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def quantities_of(metrics: CrowdMetrics) -> dict[str, QuantityView]:
    """Return every number of the newest frame, by field name.

    A number of its own quality keeps it: where only the calibration cannot be used, people are
    still counted. The others share the state of the frame.
    """
    overall = Quality(metrics.trust, metrics.trust_reason)
    return _quantities(metrics, lambda name: metrics.quality.get(name, overall))


def quantities_of_row(row: Metric) -> dict[str, QuantityView]:
    """Return every number of a stored second, by field name; reasons are the row's own."""
    overall = Quality(Trust(row.trust), row.trust_reason)
    stored = row.quality or {}

    def quality_of(name: str) -> Quality:
        if name not in stored:
            return overall
        trust, low, high = stored[name]
        return Quality(Trust(trust), row.trust_reason, low, high)

    return _quantities(row, quality_of)


def distrusted_quantities(
    quantities: Mapping[str, QuantityView] | None, *, reason: str
) -> dict[str, QuantityView] | None:
    """Return the same numbers, none of which may be believed any more."""
    if quantities is None:
        return None
    return {
        name: dataclasses.replace(quantity, trust=Trust.UNKNOWN.value, reason=reason)
        for name, quantity in quantities.items()
    }


def _quantities(
    source: CrowdMetrics | Metric, quality_of: Callable[[str], Quality]
) -> dict[str, QuantityView]:
    found: dict[str, QuantityView] = {}
    for name, unit in UNITS.items():
        quality = quality_of(name)
        if name == "count" and quality.low is None and quality.high is None:
            quality = dataclasses.replace(quality, low=source.count_low, high=source.count_high)
        found[name] = QuantityView(
            value=plain_value(getattr(source, name)),
            unit=unit,
            low=quality.low,
            high=quality.high,
            trust=quality.trust.value,
            reason=quality.reason,
        )
    return found
