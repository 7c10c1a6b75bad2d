"""Which place feeds which, and the action card of each place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime


class PlaceLinkRow(Base):
    """One way between two places; each end is a zone or a location, never both.

    It goes with either of its places; without its line it stays, and nobody counts.
    """

    __tablename__ = "place_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    source_zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"))
    source_location_id: Mapped[int | None] = mapped_column(
        ForeignKey("locations.id", ondelete="CASCADE")
    )
    target_zone_id: Mapped[int | None] = mapped_column(ForeignKey("zones.id", ondelete="CASCADE"))
    target_location_id: Mapped[int | None] = mapped_column(
        ForeignKey("locations.id", ondelete="CASCADE")
    )
    line_id: Mapped[int | None] = mapped_column(
        ForeignKey("counting_lines.id", ondelete="SET NULL")
    )
    is_line_reversed: Mapped[bool] = mapped_column(Boolean, default=False)
    is_gate: Mapped[bool] = mapped_column(Boolean, default=False)
    walk_s: Mapped[float | None] = mapped_column(Double)


class ActionCardRow(Base):
    """What to do when one place is too full: a zone or a location, never both."""

    __tablename__ = "action_cards"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int | None] = mapped_column(
        ForeignKey("zones.id", ondelete="CASCADE"), unique=True
    )
    location_id: Mapped[int | None] = mapped_column(
        ForeignKey("locations.id", ondelete="CASCADE"), unique=True
    )
    hold_gate: Mapped[str] = mapped_column(Text, default="")
    open_route: Mapped[str] = mapped_column(Text, default="")
    pa_text: Mapped[str] = mapped_column(Text, default="")
    person_on_duty: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(64), default="")
