"""Spot counts as rows, and as the audit trail has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.db.spot_counts import SpotCount
from backend.services.actor import Actor
from backend.services.spot_counts.draft import SpotCountDraft
from backend.services.spot_counts.sight import Sight
from backend.services.spot_counts.views import comparison_of


def row_of(
    draft: SpotCountDraft, sight: Sight, *, actor: Actor, camera_id: int, now: datetime
) -> SpotCount:
    """Return what a person counted beside what was measured; ``now`` is when it was entered."""
    return SpotCount(
        camera_id=camera_id,
        zone_id=sight.zone.zone_id if sight.zone else None,
        zone_name=sight.zone.name if sight.zone else None,
        at=sight.at,
        counted=draft.count,
        measured=sight.count,
        measured_low=sight.low,
        measured_high=sight.high,
        trust=sight.trust.value,
        method=sight.method.value,
        model=sight.model[:80],
        by=actor.username[:64],
        note=draft.note.strip(),
        entered_at=now,
    )


def audited_values(row: SpotCount) -> dict[str, Any]:
    """Return a row as the audit trail has it."""
    return {
        "id": row.id,
        "zone": row.zone_name,
        "at": row.at.isoformat(),
        "counted": row.counted,
        "measured": round(row.measured, 2),
        "difference": round(comparison_of(row).difference, 2),
    }
