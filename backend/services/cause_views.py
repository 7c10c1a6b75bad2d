"""Why a level was reached, as people and clients are shown it; field names are the JSON keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.core.risk import Cause, RiskLevel


@dataclass(frozen=True, slots=True)
class CauseView:
    """Why a level was reached; see `core.risk.Cause`."""

    name: str
    level: str
    value: float | None
    limit: float | None
    unit: str
    text: str


def cause_view(cause: Cause) -> CauseView:
    """Return a cause with its level by name."""
    return CauseView(cause.name, cause.level.name, cause.value, cause.limit, cause.unit, cause.text)


def cause_from_row(row: Mapping[str, Any]) -> CauseView:
    """Read a cause stored as JSON; the level may be a name or a number."""
    level = row.get("level", RiskLevel.SAFE.name)
    name = RiskLevel(level).name if isinstance(level, int) else str(level)
    return CauseView(
        name=str(row.get("name", "")),
        level=name,
        value=row.get("value"),
        limit=row.get("limit"),
        unit=str(row.get("unit", "")),
        text=str(row.get("text", "")),
    )
