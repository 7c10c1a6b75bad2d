"""Queries on spot counts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from backend.db.paging import Page, paginate
from backend.db.spot_counts import SpotCount

WHOLE_PICTURE = 0
"""Stands for the whole picture where a zone's id is asked for."""


def list_spot_counts(
    session: Session, camera_id: int, *, zone_id: int | None, page: int, per_page: int
) -> Page[SpotCount]:
    """Return what was counted on a camera, the newest picture first.

    Args:
        session: Open session.
        camera_id: The camera.
        zone_id: Only of this zone, or of `WHOLE_PICTURE`; None = of every place.
        page, per_page: As in `paginate`.
    """
    statement = select(SpotCount).where(SpotCount.camera_id == camera_id)
    if zone_id is not None:
        statement = _of_place(statement, zone_id or None)
    order = (SpotCount.at.desc(), SpotCount.id.desc())
    return paginate(session, statement.order_by(*order), page=page, per_page=per_page)


def newest_of_place(
    session: Session, camera_id: int, zone_id: int | None, *, limit: int
) -> Sequence[SpotCount]:
    """Return the newest counts of one place, the newest first; no zone = the whole picture."""
    statement = _of_place(select(SpotCount).where(SpotCount.camera_id == camera_id), zone_id)
    order = (SpotCount.at.desc(), SpotCount.id.desc())
    return session.scalars(statement.order_by(*order).limit(limit)).all()


def newest_of_each_place(session: Session, camera_id: int, *, limit: int) -> Sequence[SpotCount]:
    """Return the ``limit`` newest counts of every place of a camera, the newest first."""
    order = (SpotCount.at.desc(), SpotCount.id.desc())
    rank = func.row_number().over(partition_by=SpotCount.zone_id, order_by=order).label("rank_")
    ranked = select(SpotCount, rank).where(SpotCount.camera_id == camera_id).subquery()
    newest = aliased(SpotCount, ranked)
    statement = select(newest).where(ranked.c.rank_ <= limit)
    return session.scalars(statement.order_by(newest.at.desc(), newest.id.desc())).all()


def find_spot_count(session: Session, camera_id: int, spot_count_id: int) -> SpotCount | None:
    """Return one count of a camera."""
    statement = select(SpotCount).where(
        SpotCount.id == spot_count_id, SpotCount.camera_id == camera_id
    )
    return session.scalars(statement).one_or_none()


def _of_place(statement: Select[SpotCount], zone_id: int | None) -> Select[SpotCount]:
    if zone_id is None:
        return statement.where(SpotCount.zone_id.is_(None))
    return statement.where(SpotCount.zone_id == zone_id)
