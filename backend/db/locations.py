"""Locations, what they are made of, and what was counted in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime
from backend.db.cameras import BigId


class LocationRow(Base):
    """One location; its id is never given again.

    Attributes:
        floor_plan_id, map_x, map_y: As `core.locations.MapPosition`; both coordinates None = not
            on a map.
        outline: ``[[x, y], …]`` of its ground on that map, same coordinates; empty for none.
        overlaps: ``[[[camera_id, zone_id], …], …]``, zone 0 = the whole picture.
        area_count, line_count: How many areas and lines people gave it; where there are fewer
            rows, the others are gone with their camera, zone or line.
    """

    __tablename__ = "locations"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    capacity: Mapped[int | None] = mapped_column(Integer)
    cameras_see_all: Mapped[bool] = mapped_column(Boolean, default=True)
    entry_valid_s: Mapped[float] = mapped_column(Double)
    floor_plan_id: Mapped[int | None] = mapped_column(
        ForeignKey("floor_plans.id", ondelete="SET NULL")
    )
    map_x: Mapped[float | None] = mapped_column(Double)
    map_y: Mapped[float | None] = mapped_column(Double)
    outline: Mapped[list[list[float]]] = mapped_column(JSON, default=list)
    overlaps: Mapped[list[list[list[int]]]] = mapped_column(JSON, default=list)
    area_count: Mapped[int] = mapped_column(Integer, default=0)
    line_count: Mapped[int] = mapped_column(Integer, default=0)
    is_sample: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LocationArea(Base):
    """A zone, or a camera's whole picture (``zone_id`` None), that shows part of a location.

    Attributes:
        map_outline: ``[[x, y], …]`` of its ground on the location's map; empty for none.
    """

    __tablename__ = "location_areas"
    __table_args__ = (Index("ix_location_areas_location_id", "location_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"))
    map_outline: Mapped[list[list[float]]] = mapped_column(JSON, default=list)


class LocationLine(Base):
    """A counting line on the border of a location."""

    __tablename__ = "location_lines"
    __table_args__ = (Index("ix_location_lines_location_id", "location_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(ForeignKey("counting_lines.id", ondelete="CASCADE"))
    is_reversed: Mapped[bool] = mapped_column(Boolean, default=False)


class LocationBalance(Base):
    """The lines' balance of a location as last written; see `core.locations.LineBalance`."""

    __tablename__ = "location_balances"

    location_id: Mapped[int] = mapped_column(
        ForeignKey("locations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    base: Mapped[float] = mapped_column(Double)
    count_in: Mapped[int] = mapped_column(Integer)
    count_out: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    unseen_s: Mapped[float] = mapped_column(Double)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LocationMinute(Base):
    """One minute of one location: the log its statistics are made from; no row = not known.

    Attributes:
        at: Begin of the minute, aware UTC.
        count_min, count_mean, count_max: People over the seconds in which they were known.
        seconds: How many those were, 1 to 60.
        source: What set most of them.
        trust: The worst of them.
        capacity: As it was then.
    """

    __tablename__ = "location_minutes"
    __table_args__ = (Index("ix_location_minutes_location_id_at", "location_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    count_min: Mapped[float] = mapped_column(Double)
    count_mean: Mapped[float] = mapped_column(Double)
    count_max: Mapped[float] = mapped_column(Double)
    seconds: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(8))
    trust: Mapped[str] = mapped_column(String(12))
    capacity: Mapped[int | None] = mapped_column(Integer)


class LocationEntry(Base):
    """A number that was sent in, or a correction of the lines' balance; never changed.

    Attributes:
        kind: ``count``, or ``correction`` of the balance (source LINE).
        count: People.
        was: The balance before a correction; None of a count.
        at: Aware UTC, when the number was true.
    """

    __tablename__ = "location_entries"
    __table_args__ = (Index("ix_location_entries_location_id_at", "location_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(8))
    count: Mapped[float] = mapped_column(Double)
    was: Mapped[float | None] = mapped_column(Double)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class FloorPlan(Base):
    """A picture of the site from above, drawn on as a map; its id is never given again.

    Attributes:
        stored_name: Of the picture, in the folder of plans.
        width_px, height_px: Of the stored picture.
        width_m: What its width is in reality, metres; None = not known.
    """

    __tablename__ = "floor_plans"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    stored_name: Mapped[str] = mapped_column(String(80), unique=True)
    width_px: Mapped[int] = mapped_column(Integer)
    height_px: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(Integer)
    width_m: Mapped[float | None] = mapped_column(Double)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64), default="")
