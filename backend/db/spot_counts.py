"""Spot counts: what people counted themselves, beside what was measured."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime


class SpotCount(Base):
    """One count by a person of one picture, and what was measured of that picture.

    Attributes:
        zone_id, zone_name: Counted zone, as it was called; None for the whole picture.
        at: Aware UTC, when the picture was taken.
        counted: People the person counted.
        measured, measured_low, measured_high: The count of that picture, and its 90 % interval.
        method: What counted: boxes, map, or both.
        model: Name of the detector's model.
    """

    __tablename__ = "spot_counts"
    __table_args__ = (Index("ix_spot_counts_camera_id_at", "camera_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    zone_id: Mapped[int | None] = mapped_column(Integer)
    zone_name: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted: Mapped[int] = mapped_column(Integer)
    measured: Mapped[float] = mapped_column(Double)
    measured_low: Mapped[float] = mapped_column(Double)
    measured_high: Mapped[float | None] = mapped_column(Double)
    trust: Mapped[str] = mapped_column(String(12))
    method: Mapped[str] = mapped_column(String(8), default="")
    model: Mapped[str] = mapped_column(String(80), default="")
    by: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
