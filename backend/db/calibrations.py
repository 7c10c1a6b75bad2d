"""Ground-plane calibrations of cameras: every version ever in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.mysql import MEDIUMBLOB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime

Blob = LargeBinary().with_variant(MEDIUMBLOB(), "mysql", "mariadb")
"""MySQL's and MariaDB's plain BLOB ends at 64 KiB."""


class CalibrationVersion(Base):
    """One version of one camera's calibration; rows are never changed, only superseded.

    Attributes:
        inputs: What a person gave: points, rectangle, field of view, polygons (pixels).
        homography: Nine numbers row by row, image pixels to ground metres.
        evidence: What an automatic estimate rests on; None for the other methods.
        background: Packed landmarks of the scene, see `services.calibration.landmarks`.
        source_changed_at: When the camera was first given another source after it was made; None
            while it is still of the source it was made for.
        ended_at: When it was superseded or removed; None while it is in force.
    """

    __tablename__ = "calibrations"
    __table_args__ = (UniqueConstraint("camera_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(16))
    picture_width: Mapped[int] = mapped_column(Integer)
    picture_height: Mapped[int] = mapped_column(Integer)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    homography: Mapped[list[float]] = mapped_column(JSON)
    rms_error_m: Mapped[float | None] = mapped_column(Double)
    length_spread: Mapped[float] = mapped_column(Double)
    area_spread: Mapped[float] = mapped_column(Double)
    area_m2: Mapped[float] = mapped_column(Double)
    notes: Mapped[list[str]] = mapped_column(JSON)
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    background: Mapped[bytes | None] = mapped_column(Blob, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    source_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
