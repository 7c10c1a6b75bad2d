"""Queries on floor plans and on what stands on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.db.locations import FloorPlan, LocationArea, LocationRow


def list_plans(session: Session) -> Sequence[FloorPlan]:
    """Return all plans by name."""
    return session.scalars(select(FloorPlan).order_by(FloorPlan.name, FloorPlan.id)).all()


def count_plans(session: Session) -> int:
    """Return how many plans there are."""
    return session.scalar(select(func.count()).select_from(FloorPlan)) or 0


def find_plan(session: Session, plan_id: int) -> FloorPlan | None:
    """Return one plan."""
    return session.get(FloorPlan, plan_id)


def claim_plan(session: Session, plan_id: int) -> FloorPlan | None:
    """Return one plan; until the transaction ends nobody else can put anything on it."""
    return session.get(FloorPlan, plan_id, with_for_update=True)


def name_taken(session: Session, name: str, *, except_id: int | None = None) -> bool:
    """Return whether another plan has this name, whatever the case of its letters."""
    statement = select(FloorPlan.id, FloorPlan.name)
    rows = session.execute(statement).all()
    return any(row.id != except_id and row.name.casefold() == name.casefold() for row in rows)


def stored_names(session: Session) -> set[str]:
    """Return the names of all picture files that belong to a plan."""
    return set(session.scalars(select(FloorPlan.stored_name)))


def locations_on(session: Session, plan_id: int) -> Sequence[LocationRow]:
    """Return the locations that stand on a plan, by name."""
    statement = select(LocationRow).where(LocationRow.floor_plan_id == plan_id)
    return session.scalars(statement.order_by(LocationRow.name)).all()


def clear_area_outlines(session: Session, location_ids: Collection[int]) -> None:
    """Take the areas of these locations off the map."""
    statement = update(LocationArea).where(LocationArea.location_id.in_(location_ids))
    session.execute(statement.values(map_outline=[]))
