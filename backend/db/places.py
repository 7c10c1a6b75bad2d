"""Zones and counting lines of cameras."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime
from backend.db.calibrations import Blob


class PlaceSet(Base):
    """What all places of one camera have in common; a camera that never had any has no row.

    Attributes:
        version: Grows by one with every change of the camera's zones and lines, and when they
            come into doubt.
        confirmed_at: When a person last saved or confirmed all of them over the picture.
        background: Packed landmarks of the scene at that time, see
            `services.calibration.landmarks`.
        source_changed_at: When the camera was first given another source after that; None while
            it is still of the source they were drawn on.
    """

    __tablename__ = "place_sets"

    camera_id: Mapped[int] = mapped_column(
        ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(Integer)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    background: Mapped[bytes | None] = mapped_column(Blob, deferred=True)
    source_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ZoneRow(Base):
    """One zone of one camera.

    Ids are never given again, not even those of deleted cameras: SQLite needs to be told so,
    also by a later migration that rebuilds the table.

    Attributes:
        position: From 0, in the order people gave.
        corners: ``[[x, y], …]``, shares of the picture's width and height.
    """

    __tablename__ = "zones"
    __table_args__ = (
        Index("ix_zones_camera_id_position", "camera_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    corners: Mapped[list[list[float]]] = mapped_column(JSON)
    profile: Mapped[str] = mapped_column(String(16))
    colour: Mapped[str] = mapped_column(String(7))
    count_limit: Mapped[int | None] = mapped_column(Integer)
    density_limit_per_m2: Mapped[float | None] = mapped_column(Double)


class CountingLineRow(Base):
    """One counting line of one camera; ids as with zones.

    Attributes:
        position: From 0, in the order people gave.
        start_x, start_y, end_x, end_y: Shares of the picture's width and height.
    """

    __tablename__ = "counting_lines"
    __table_args__ = (
        Index("ix_counting_lines_camera_id_position", "camera_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    start_x: Mapped[float] = mapped_column(Double)
    start_y: Mapped[float] = mapped_column(Double)
    end_x: Mapped[float] = mapped_column(Double)
    end_y: Mapped[float] = mapped_column(Double)
    colour: Mapped[str] = mapped_column(String(7))
    width_m: Mapped[float | None] = mapped_column(Double)
