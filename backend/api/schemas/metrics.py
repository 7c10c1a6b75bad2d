"""Shapes of measurements."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import Schema, fields, validate

from backend.api.schemas.common import BELIEVABLE_TIME, PageQuerySchema, PageSchema
from backend.core.measurements import (
    UNITS,
    CountMethod,
    Handedness,
    LevelOfService,
    MotionSource,
)
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


def _later(kind: type[fields.Field[Any]], description: str, **rest: Any) -> fields.Field[Any]:
    """A field that stored rows of earlier versions do not have."""
    return kind(
        allow_none=True, metadata={"description": f"{description}; null where not known"}, **rest
    )


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


class QuantitySchema(Schema):
    """One measured number with all that has to be said of it."""

    value = fields.Raw(
        allow_none=True,
        metadata={
            "oneOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}],
            "description": "null where undefined; a letter or a word where it is no number",
        },
    )
    unit = fields.String(metadata={"description": "Empty for ratios, indices and letters"})
    low = _optional("Lower end of the 90 % interval, in unit; null where not known")
    high = _optional("Upper end of the 90 % interval, in unit; null where not known")
    trust = fields.String(validate=TRUST, metadata={"description": "State of this number alone"})
    reason = fields.String(metadata={"description": "Why it is not ok"})


class ZoneNumbersSchema(Schema):
    """What is measured of one zone now; null means undefined, never zero."""

    zone_id = _integer("Unique on the camera")
    name = fields.String()
    count = _number("People in the zone, estimate", "people")
    count_low = _number("Lower end of the 90 % interval", "people")
    count_high = _optional("Upper end of the 90 % interval; null: at least so many")
    trust = fields.String(validate=TRUST, metadata={"description": "What the count is worth"})
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})
    told_apart_trust = fields.String(
        validate=TRUST,
        metadata={"description": "What the number of people told apart in the picture is worth"},
    )
    map_share = _number("Part of the count that comes from the density map, in [0, 1]")
    peak_count = _number("Most since the run began or the zone was drawn", "people")
    visitors = _integer("People who have been in it since then, each once [people]")
    dwell_median_s = _optional("Median of how long they stayed, those still inside up to now", "s")
    dwell_p90_s = _optional("Nine in ten stayed no longer", "s")
    dwell_longest_s = _optional("Longest stay", "s")
    queue_length = _optional("People standing in line, zones of the profile queue only", "people")
    metres_trust = fields.String(
        validate=TRUST,
        metadata={
            "description": "What the calibration makes of the numbers below, which are worth the "
            "worse of this and trust"
        },
    )
    metres_reason = fields.String(metadata={"description": "Why it is not ok"})
    area_m2 = _optional("Of the zone on the ground, as far as it is monitored", "m²")
    density_per_m2 = _optional("People per area of the zone", "1/m²")
    peak_density_per_m2 = _optional("Highest local density in the zone", "1/m²")
    mean_speed_mps = _optional("Mean walking speed in the zone", "m/s")
    crowd_pressure_per_s2 = _optional("Crowd pressure in the zone", "1/s²")
    crowd_pressure_density_per_m2 = _optional("Local density where that was found", "1/m²")
    risk_level = fields.String(
        validate=LEVEL,
        allow_none=True,
        metadata={"description": "Level of the zone; held, where it cannot be seen now"},
    )
    risk_score = _optional("0-100, zones with a density")
    causes = fields.List(
        fields.Nested(CauseSchema), metadata={"description": "What set the level, worst first"}
    )


class LineNumbersSchema(Schema):
    """What is counted over one line now; null means undefined, never zero."""

    line_id = _integer("Unique on the camera")
    name = fields.String()
    count_in = _integer("Passages in its direction since the run began or it was drawn [people]")
    count_out = _integer("Passages against its direction [people]")
    balance = _integer("In less out [people]")
    in_per_s = _optional("Flow in over the last minute", "people/s")
    out_per_s = _optional("Flow out over the last minute", "people/s")
    in_specific_per_m_s = _optional("Flow in per metre of width", "people/(m·s)")
    out_specific_per_m_s = _optional("Flow out per metre of width", "people/(m·s)")
    trust = fields.String(validate=TRUST, metadata={"description": "What the counts are worth"})
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})


class PlacesNumbersSchema(Schema):
    """What is measured of the camera's zones and counting lines now, in their order."""

    version = _integer("Of the zones and lines the numbers were measured with")
    zones = fields.List(fields.Nested(ZoneNumbersSchema))
    lines = fields.List(fields.Nested(LineNumbersSchema))


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
    count_method = _later(
        fields.String,
        "What the count was made on: boxes, the density map, or both",
        validate=validate.OneOf([method.value for method in CountMethod]),
    )
    map_share = _later(fields.Float, "Part of the count that is the density map's, 0-1")
    area_m2 = _optional("Area the densities rest on", "m²")
    density_per_m2 = _optional("People per area", "1/m²")
    voronoi_density_per_m2 = _optional("Voronoi density, calibrated cameras only", "1/m²")
    peak_density_per_m2 = _optional("Highest local density", "1/m²")
    level_of_service = fields.String(
        allow_none=True,
        validate=validate.OneOf([level.value for level in LevelOfService]),
        metadata={"description": "Fruin's walkway level; null where undefined"},
    )
    density_ema_per_m2 = _optional("Trend of density", "1/m²")
    mean_speed_mps = _optional("Mean walking speed, calibrated cameras only", "m/s")
    mean_speed_px_per_s = _optional("Mean speed in the picture", "px/s")
    speed_variance_m2_per_s2 = _optional("Variance of speeds", "m²/s²")
    speed_ratio = _optional("Mean speed over Weidmann's at this density; null above 4 people/m²")
    motion_source = _later(
        fields.String,
        "What speeds and flow order were measured on",
        validate=validate.OneOf([source.value for source in MotionSource]),
    )
    moving_count = _later(fields.Integer, "People who move")
    coherence = _optional("Share of common direction, 0-1; null below 5 moving people")
    bidirectionality = _optional("Two opposite directions, 0-1; null below 5 moving people")
    disorder = _optional("Neither of both, 0-1; null below 5 moving people")
    anomaly_count = _integer("People of unusual speed")
    rapid_count = _later(fields.Integer, "People faster than 2.5 m/s, calibrated cameras only")
    cluster_count = _integer("Congestion clusters")
    largest_cluster = _integer("People in the biggest cluster")
    proximity_pairs = _integer("Pairs closer than the threshold")
    crowd_pressure_per_s2 = _optional("Crowd pressure, calibrated cameras only", "1/s²")
    pressure_density_per_m2 = _optional("Local density where the pressure was found", "1/m²")
    pressure_index = _optional("0-1; null without density")
    oscillation_period_s = _optional("Period of a collective oscillation", "s")
    oscillation_strength = _optional("Its spectral peak over the background")
    oscillation_handedness = fields.String(
        allow_none=True,
        validate=validate.OneOf([sense.value for sense in Handedness]),
        metadata={"description": "Sense in which the crowd sways, seen from above"},
    )
    surge = _optional("Relative change of the count; null until known")
    surge_significant = _later(fields.Boolean, "At least 10 people and beyond the count interval")
    stagnant = _later(fields.Boolean, "Dense, and below 0.2 m/s for 10 s")
    net_inflow_per_s = _optional("Change of the count over the last minute", "people/s")
    time_to_capacity_s = _optional("Until the people limit at that inflow; 0 when reached", "s")
    egress_time_s = _optional("To clear the place through its exits", "s")
    calibration_version = fields.Integer(
        allow_none=True, metadata={"description": "Calibration behind the calibrated numbers"}
    )
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
    quantities = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(UNITS))),
        values=fields.Nested(QuantitySchema),
        allow_none=True,
        metadata={
            "description": "Every number by field name with unit, interval and its own trust; "
            "only with current numbers. In stored rows a number that could not be believed is "
            "null"
        },
    )
    model = fields.String(metadata={"description": "Detector behind the numbers"})
    reduced_accuracy = fields.Boolean(metadata={"description": "Fallback detector"})
    is_simulated = fields.Boolean(
        metadata={"description": "Of a simulated camera: nobody was there"}
    )
    places = fields.Nested(
        PlacesNumbersSchema,
        allow_none=True,
        metadata={
            "description": "Zones and counting lines; only with current numbers of a single "
            "camera. Null in lists; the socket sends them as ``places``, at most once a second"
        },
    )


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
