"""Shapes of measurements."""

from __future__ import annotations

from datetime import UTC

from marshmallow import Schema, fields, validate

from backend.api.schemas.common import BELIEVABLE_TIME, PageQuerySchema, PageSchema
from backend.core.risk import RiskLevel
from backend.core.trust import Trust

LEVEL = validate.OneOf([level.name for level in RiskLevel])
TRUST = validate.OneOf([trust.value for trust in Trust])
MAX_METRICS_PER_PAGE = 1000


def _number(description: str, unit: str = "") -> fields.Float:
    text = f"{description} [{unit}]" if unit else description
    return fields.Float(metadata={"description": text})


def _integer(description: str) -> fields.Integer:
    return fields.Integer(metadata={"description": description})


def _optional(description: str, unit: str = "") -> fields.Float:
    text = f"{description} [{unit}]; null where undefined" if unit else description
    return fields.Float(allow_none=True, metadata={"description": text})


class CauseSchema(Schema):
    """Why a level was reached."""

    name = fields.String(metadata={"description": "Stable key, for instance density"})
    level = fields.String(validate=LEVEL, metadata={"description": "Level it alone demands"})
    value = fields.Float(allow_none=True, metadata={"description": "Measured, in unit"})
    limit = fields.Float(allow_none=True, metadata={"description": "Compared with, in unit"})
    unit = fields.String(metadata={"description": "Unit of value and limit"})
    text = fields.String(metadata={"description": "Sentence for a person"})


class PartsSchema(Schema):
    """The addends behind the risk score, each a factor from 0 to 1, null where undefined."""

    density = fields.Float(allow_none=True)
    surge = fields.Float(allow_none=True)
    velocity = fields.Float(allow_none=True)
    pressure_boost = fields.Float(allow_none=True)
    coherence_boost = fields.Float(allow_none=True)
    weighted = fields.Float(allow_none=True, metadata={"description": "0-100, before floors"})


class MetricSchema(Schema):
    """Measurements and risk of one camera at one instant; null means undefined, never zero."""

    camera_id = fields.Integer()
    run_id = fields.Integer(metadata={"description": "Grows with every start of the camera"})
    time = fields.AwareDateTime(metadata={"description": "Capture time, UTC"})
    stream_time_s = _number("Time in the stream", "s")
    age_s = _optional("Age of current numbers; null in stored rows", "s")
    count = _number("People, estimate")
    count_low = _number("Lower end of the 90 % interval")
    count_high = _optional("Upper end of the 90 % interval; null: at least so many")
    area_m2 = _optional("Area the densities rest on", "m²")
    density_per_m2 = _optional("People per area", "1/m²")
    peak_density_per_m2 = _optional("Highest local density", "1/m²")
    density_ema_per_m2 = _optional("Trend of density", "1/m²")
    mean_speed_mps = _optional("Mean walking speed, calibrated cameras only", "m/s")
    mean_speed_px_per_s = _optional("Mean speed in the picture", "px/s")
    speed_variance_m2_per_s2 = _optional("Variance of speeds", "m²/s²")
    coherence = _optional("Share of common direction, 0-1; null below 5 moving people")
    bidirectionality = _optional("Two opposite directions, 0-1; null below 5 moving people")
    disorder = _optional("Neither of both, 0-1; null below 5 moving people")
    anomaly_count = _integer("People of unusual speed")
    cluster_count = _integer("Congestion clusters")
    largest_cluster = _integer("People in the biggest cluster")
    proximity_pairs = _integer("Pairs closer than the threshold")
    crowd_pressure_per_s2 = _optional("Crowd pressure, calibrated cameras only", "1/s²")
    pressure_index = _optional("0-1; null without density")
    surge = _optional("Relative change of the count; null until known")
    risk_score = _optional("0-100; null without any density")
    risk_weighted = _optional("0-100, before hard floors")
    risk_score_ema = _optional("Trend of the score")
    risk_level = fields.String(validate=LEVEL)
    causes = fields.List(
        fields.Nested(CauseSchema), metadata={"description": "Most severe first; empty when SAFE"}
    )
    parts = fields.Nested(
        PartsSchema, allow_none=True, metadata={"description": "Only with current numbers"}
    )
    trust = fields.String(
        validate=TRUST, metadata={"description": "How far the numbers may be believed"}
    )
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})
    model = fields.String(metadata={"description": "Detector behind the numbers"})
    reduced_accuracy = fields.Boolean(metadata={"description": "Fallback detector"})


class TimeRangeQuerySchema(PageQuerySchema):
    """A page of a time range; times without a zone are UTC."""

    from_ = fields.AwareDateTime(
        data_key="from",
        default_timezone=UTC,
        validate=BELIEVABLE_TIME,
        metadata={"description": "Inclusive, ISO 8601"},
    )
    to = fields.AwareDateTime(
        default_timezone=UTC,
        validate=BELIEVABLE_TIME,
        metadata={"description": "Exclusive, ISO 8601"},
    )


class MetricQuerySchema(TimeRangeQuerySchema):
    """Which stored seconds."""

    per_page = fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=MAX_METRICS_PER_PAGE),
        metadata={"description": f"Items on a page, at most {MAX_METRICS_PER_PAGE}"},
    )


class MetricPageSchema(PageSchema):
    """One page of stored seconds, oldest first."""

    items = fields.List(fields.Nested(MetricSchema))
