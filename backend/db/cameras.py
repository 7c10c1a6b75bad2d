"""Cameras, analysis jobs of uploads, metrics and recordings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.camera import JobState, TrackerKind
from backend.db.base import Base, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class Camera(Base):
    """An installed camera, or an uploaded recording treated as one."""

    __tablename__ = "cameras"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    source_type: Mapped[str] = mapped_column(String(16))
    source_encrypted: Mapped[str] = mapped_column(Text, default="")
    source_display: Mapped[str] = mapped_column(String(300), default="")
    true_fps: Mapped[float | None] = mapped_column(Double)
    loop: Mapped[bool] = mapped_column(Boolean, default=False)
    area_m2: Mapped[float | None] = mapped_column(Double)
    people_limit: Mapped[int | None] = mapped_column(Integer)
    target_fps: Mapped[float | None] = mapped_column(Double)
    record: Mapped[bool] = mapped_column(Boolean, default=True)
    exits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    detection_model: Mapped[str | None] = mapped_column(String(120))
    detection_tiles: Mapped[str] = mapped_column(String(8), default="")
    tracker: Mapped[str] = mapped_column(String(16), default=TrackerKind.BOTSORT.value)
    is_moving: Mapped[bool] = mapped_column(Boolean, default=False)
    should_run: Mapped[bool] = mapped_column(Boolean, default=False)
    run_count: Mapped[int] = mapped_column(Integer, default=0)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnalysisJob(Base):
    """Analysis of one uploaded video; at most one row per camera, re-run in place."""

    __tablename__ = "analysis_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(
        ForeignKey("cameras.id", ondelete="CASCADE"), unique=True
    )
    state: Mapped[str] = mapped_column(String(16), default=JobState.EMPTY.value)
    stored_name: Mapped[str | None] = mapped_column(String(80))
    original_name: Mapped[str | None] = mapped_column(String(255))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration_s: Mapped[float | None] = mapped_column(Double)
    frames_total: Mapped[int | None] = mapped_column(Integer)
    frames_done: Mapped[int] = mapped_column(Integer, default=0)
    stream_time_s: Mapped[float] = mapped_column(Double, default=0.0)
    error: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Metric(Base):
    """One second of one camera; columns as in ``core.measurements.CrowdMetrics``.

    Columns that came with a later version are empty in the rows written before it: nothing
    was measured then. ``quality`` is ``{field: [trust, low, high]}``.
    """

    __tablename__ = "metrics"
    __table_args__ = (Index("ix_metrics_camera_id_at", "camera_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    stream_time_s: Mapped[float] = mapped_column(Double)
    count: Mapped[float] = mapped_column(Double)
    count_low: Mapped[float] = mapped_column(Double)
    count_high: Mapped[float | None] = mapped_column(Double)
    count_method: Mapped[str | None] = mapped_column(String(8))
    map_share: Mapped[float | None] = mapped_column(Double)
    area_m2: Mapped[float | None] = mapped_column(Double)
    density_per_m2: Mapped[float | None] = mapped_column(Double)
    voronoi_density_per_m2: Mapped[float | None] = mapped_column(Double)
    peak_density_per_m2: Mapped[float | None] = mapped_column(Double)
    level_of_service: Mapped[str | None] = mapped_column(String(1))
    mean_speed_mps: Mapped[float | None] = mapped_column(Double)
    mean_speed_px_per_s: Mapped[float | None] = mapped_column(Double)
    speed_variance_m2_per_s2: Mapped[float | None] = mapped_column(Double)
    speed_ratio: Mapped[float | None] = mapped_column(Double)
    motion_source: Mapped[str | None] = mapped_column(String(16))
    moving_count: Mapped[int | None] = mapped_column(Integer)
    coherence: Mapped[float | None] = mapped_column(Double)
    bidirectionality: Mapped[float | None] = mapped_column(Double)
    disorder: Mapped[float | None] = mapped_column(Double)
    anomaly_count: Mapped[int] = mapped_column(Integer, default=0)
    rapid_count: Mapped[int | None] = mapped_column(Integer)
    cluster_count: Mapped[int] = mapped_column(Integer, default=0)
    largest_cluster: Mapped[int] = mapped_column(Integer, default=0)
    proximity_pairs: Mapped[int] = mapped_column(Integer, default=0)
    crowd_pressure_per_s2: Mapped[float | None] = mapped_column(Double)
    pressure_density_per_m2: Mapped[float | None] = mapped_column(Double)
    pressure_index: Mapped[float | None] = mapped_column(Double)
    oscillation_period_s: Mapped[float | None] = mapped_column(Double)
    oscillation_strength: Mapped[float | None] = mapped_column(Double)
    oscillation_handedness: Mapped[str | None] = mapped_column(String(16))
    surge: Mapped[float | None] = mapped_column(Double)
    surge_significant: Mapped[bool | None] = mapped_column(Boolean)
    stagnant: Mapped[bool | None] = mapped_column(Boolean)
    density_ema_per_m2: Mapped[float | None] = mapped_column(Double)
    net_inflow_per_s: Mapped[float | None] = mapped_column(Double)
    time_to_capacity_s: Mapped[float | None] = mapped_column(Double)
    egress_time_s: Mapped[float | None] = mapped_column(Double)
    calibration_version: Mapped[int | None] = mapped_column(Integer)
    risk_score: Mapped[float | None] = mapped_column(Double)
    risk_weighted: Mapped[float | None] = mapped_column(Double)
    risk_score_ema: Mapped[float | None] = mapped_column(Double)
    risk_level: Mapped[str] = mapped_column(String(8))
    causes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    trust: Mapped[str] = mapped_column(String(12))
    trust_reason: Mapped[str] = mapped_column(String(200), default="")
    quality: Mapped[dict[str, list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    model: Mapped[str] = mapped_column(String(80), default="")
    reduced_accuracy: Mapped[bool] = mapped_column(Boolean, default=False)


class Recording(Base):
    """One segment of annotated video, path relative to the recordings folder."""

    __tablename__ = "recordings"
    __table_args__ = (Index("ix_recordings_camera_id_started_at", "camera_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(String(200), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_s: Mapped[float] = mapped_column(Double, default=0.0)
    frames: Mapped[int] = mapped_column(Integer, default=0)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    is_open: Mapped[bool] = mapped_column(Boolean, default=True)
