"""Measurements as people and clients are shown them; field names are the JSON keys.

One shape for both doors: the REST schemas describe these dataclasses, the socket sends them
through `as_json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from backend.core.camera import SIMULATION_MODEL
from backend.core.measurements import MEASURED_FIELDS, CrowdMetrics
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.db.cameras import Metric
from backend.services.cause_views import CauseView, cause_from_row, cause_view
from backend.services.place_views import PlacesNumbersView, distrusted_places, places_of
from backend.services.quantity_views import (
    QuantityView,
    distrusted_quantities,
    plain_value,
    quantities_of,
)


@dataclass(frozen=True, slots=True)
class PartsView:
    """Factors in [0, 1] behind the score, and the weighted score (0-100) before hard floors."""

    density: float | None
    surge: float | None
    velocity: float | None
    pressure_boost: float | None
    coherence_boost: float | None
    weighted: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """Measurements and risk of one camera at one instant.

    Attributes:
        age_s: Seconds since the frame was published; None for stored rows.
        parts, quantities: Only with current numbers, None in stored rows.
        places: Only with current numbers of a single camera; None = not said here.
        is_simulated: Nobody was there: the camera is a simulation.
        The rest as in `core.measurements.CrowdMetrics` and `core.risk.RiskAssessment`; a
        stored row has None for what its version did not measure yet.
    """

    camera_id: int
    run_id: int
    time: datetime
    stream_time_s: float
    age_s: float | None
    count: float
    count_low: float
    count_high: float | None
    count_method: str | None
    map_share: float | None
    area_m2: float | None
    density_per_m2: float | None
    voronoi_density_per_m2: float | None
    peak_density_per_m2: float | None
    level_of_service: str | None
    density_ema_per_m2: float | None
    mean_speed_mps: float | None
    mean_speed_px_per_s: float | None
    speed_variance_m2_per_s2: float | None
    speed_ratio: float | None
    motion_source: str | None
    moving_count: int | None
    coherence: float | None
    bidirectionality: float | None
    disorder: float | None
    anomaly_count: int
    rapid_count: int | None
    cluster_count: int
    largest_cluster: int
    proximity_pairs: int
    crowd_pressure_per_s2: float | None
    pressure_density_per_m2: float | None
    pressure_index: float | None
    oscillation_period_s: float | None
    oscillation_strength: float | None
    oscillation_handedness: str | None
    surge: float | None
    surge_significant: bool | None
    stagnant: bool | None
    net_inflow_per_s: float | None
    time_to_capacity_s: float | None
    egress_time_s: float | None
    calibration_version: int | None
    risk_score: float | None
    risk_weighted: float | None
    risk_score_ema: float | None
    risk_level: str
    causes: tuple[CauseView, ...]
    parts: PartsView | None
    trust: str
    trust_reason: str
    quantities: Mapping[str, QuantityView] | None
    model: str
    reduced_accuracy: bool
    is_simulated: bool = False
    places: PlacesNumbersView | None = None


_ALWAYS_THERE = frozenset(
    {"count", "count_low", "anomaly_count", "cluster_count", "largest_cluster", "proximity_pairs"}
)
"""Numbers that exist wherever anything was measured; the row's own trust speaks for them."""


def parts_view(parts: RiskParts) -> PartsView:
    """Return the addends of the score."""
    return PartsView(
        parts.density,
        parts.surge,
        parts.velocity,
        parts.pressure_boost,
        parts.coherence_boost,
        parts.weighted,
    )


def measured_values(source: CrowdMetrics | Metric) -> dict[str, Any]:
    """Return the measurements that `CrowdMetrics`, the table and `MetricView` share, by name.

    What the count was made on is among them.
    """
    names = (*MEASURED_FIELDS, "count_method", "map_share")
    return {name: plain_value(getattr(source, name)) for name in names}


def metric_from_snapshot(
    snapshot: Snapshot, *, age_s: float, with_places: bool = True
) -> MetricView:
    """Return the numbers of the latest frame as they were measured."""
    risk: RiskAssessment = snapshot.risk
    return MetricView(
        camera_id=snapshot.camera_id,
        run_id=snapshot.run_id,
        time=snapshot.captured_at,
        stream_time_s=snapshot.stream_time_s,
        age_s=max(age_s, 0.0),
        **measured_values(snapshot.metrics),
        risk_score=risk.score,
        risk_weighted=risk.parts.weighted,
        risk_score_ema=risk.score_ema,
        risk_level=risk.level.name,
        causes=tuple(cause_view(cause) for cause in risk.causes),
        parts=parts_view(risk.parts),
        trust=snapshot.metrics.trust.value,
        trust_reason=snapshot.metrics.trust_reason,
        quantities=quantities_of(snapshot.metrics),
        model=snapshot.model.name,
        reduced_accuracy=snapshot.model.reduced_accuracy,
        is_simulated=snapshot.model.runtime == SIMULATION_MODEL.runtime,
        places=places_of(snapshot) if with_places else None,
    )


def metric_from_row(row: Metric, *, is_simulated: bool = False) -> MetricView:
    """Return one stored second.

    A single number that could not be believed when it was measured is None, because its trust
    does not travel with the flat fields. Numbers of a row that is unknown as a whole stay.

    Args:
        row: The stored second.
        is_simulated: Its camera is a simulation; a camera never changes between the two.
    """
    return MetricView(
        camera_id=row.camera_id,
        run_id=row.run_id,
        time=row.at,
        stream_time_s=row.stream_time_s,
        age_s=None,
        **_believable(row),
        risk_score=row.risk_score,
        risk_weighted=row.risk_weighted,
        risk_score_ema=row.risk_score_ema,
        risk_level=row.risk_level,
        causes=tuple(cause_from_row(cause) for cause in row.causes),
        parts=None,
        trust=row.trust,
        trust_reason=row.trust_reason,
        quantities=None,
        model=row.model,
        reduced_accuracy=row.reduced_accuracy,
        is_simulated=is_simulated,
    )


def _believable(row: Metric) -> dict[str, Any]:
    """Return a row's measurements without those that were unknown while the rest was not."""
    values = measured_values(row)
    if row.trust == Trust.UNKNOWN.value:
        return values
    for name, (trust, *_interval) in (row.quality or {}).items():
        if trust == Trust.UNKNOWN.value and name in values and name not in _ALWAYS_THERE:
            values[name] = None
    return values


def distrusted(metric: MetricView, *, reason: str) -> MetricView:
    """Return the same numbers, none of which may be believed any more."""
    return dataclasses.replace(
        metric,
        quantities=distrusted_quantities(metric.quantities, reason=reason),
        places=distrusted_places(metric.places, reason=reason),
        trust=Trust.UNKNOWN.value,
        trust_reason=reason,
    )


def with_level(metric: MetricView, *, level: RiskLevel, causes: Sequence[Cause]) -> MetricView:
    """Return the same numbers with the level held for the place.

    Without causes those of the measurement stay.
    """
    shown = tuple(cause_view(cause) for cause in causes) or metric.causes
    return dataclasses.replace(metric, risk_level=level.name, causes=shown)


_PLAIN = frozenset({str, int, float, bool})


def as_json(value: Any) -> Any:
    """Return dataclasses, enums and aware datetimes as JSON-ready values, recursively."""
    if value is None or type(value) in _PLAIN:  # nearly all; several times a second and camera
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # the mapping itself: `dataclasses.fields` makes a new tuple for every one of them
        return {name: as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    return value
