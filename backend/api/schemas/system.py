"""Shapes of health and statistics."""

from __future__ import annotations

from marshmallow import Schema, fields

from backend.services.health import HealthState

_STATE = {"enum": [state.value for state in HealthState]}


class HealthCheckSchema(Schema):
    """One part."""

    name = fields.String()
    status = fields.Enum(HealthState, by_value=True, metadata=_STATE)
    reason = fields.String(metadata={"description": "Why it is not well and what to do"})


class HealthSchema(Schema):
    """All parts; the status is the worst of them."""

    status = fields.Enum(HealthState, by_value=True, metadata=_STATE)
    checks = fields.List(fields.Nested(HealthCheckSchema))


class CameraFiguresSchema(Schema):
    """Speed of one camera."""

    name = fields.String()
    state = fields.String()
    fps = fields.Float(allow_none=True, metadata={"description": "Analysed frames per second"})
    wanted_fps = fields.Float(
        allow_none=True, metadata={"description": "Frames per second there would be to analyse"}
    )
    shed_percent = fields.Float(
        allow_none=True, metadata={"description": "Wanted frames left out; 0 while it keeps up"}
    )
    shed_reason = fields.String(metadata={"description": "Why frames are left out"})
    dropped_frames = fields.Integer()
    reconnects = fields.Integer()
    restarts = fields.Integer()
    lag_s = fields.Float(allow_none=True)
    decode_ms = fields.Float(allow_none=True)
    detect_ms = fields.Float(allow_none=True)
    total_ms = fields.Float(allow_none=True)
    count_ms = fields.Float(
        allow_none=True,
        metadata={"description": "What the newest density map took; null before the first"},
    )


class StatsSchema(Schema):
    """Figures of the process; suffixes tell the units."""

    licence = fields.String(metadata={"description": "SPDX identifier of CrowdSafe's licence"})
    versions = fields.Dict(keys=fields.String(), values=fields.String())
    started_at = fields.String(metadata={"format": "date-time"})
    uptime_s = fields.Float()
    threads = fields.Integer()
    memory_rss_bytes = fields.Integer()
    cpu_percent = fields.Float()
    machine_cpus = fields.Integer()
    machine_memory_bytes = fields.Integer()
    streams = fields.Dict(keys=fields.String(), values=fields.Integer())
    metrics = fields.Dict(keys=fields.String(), values=fields.Integer())
    cameras = fields.Dict(
        keys=fields.String(metadata={"description": "Camera id"}),
        values=fields.Nested(CameraFiguresSchema),
    )
