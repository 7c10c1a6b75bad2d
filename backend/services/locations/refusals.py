"""Refusals of locations, held against what is stored."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.db import location_store
from backend.services.locations.checks import own_problems, plan_of
from backend.services.locations.draft import LocationDraft
from backend.services.locations.known import load_known
from backend.services.locations.parts import Parts, part_problems
from backend.services.places.checks import refuse


def refuse_unmeant(
    session: Session,
    draft: LocationDraft,
    *,
    except_id: int | None = None,
    has_new_parts: bool = True,
) -> None:
    """Refuse a tidy location that cannot be meant.

    What it is made of is looked at where it was given: a zone that was redrawn meanwhile must
    keep nobody from correcting the name.

    Args:
        session: Open.
        draft: The location.
        except_id: Its id; None = a new one.
        has_new_parts: Its areas, lines or overlaps were given.

    Raises:
        InvalidInputError: With a pointer such as ``/areas/0/zone_id`` for each wrong value.
    """
    plan = plan_of(draft)
    problems = list(
        own_problems(
            draft,
            others=location_store.names_taken(session, except_id=except_id),
            has_plan=plan is None or location_store.plan_exists(session, plan),
        )
    )
    if has_new_parts:
        areas = tuple(given.area for given in draft.areas)
        cameras = {area.camera_id for overlap in draft.overlaps for area in overlap}
        cameras |= {area.camera_id for area in areas} | {line.camera_id for line in draft.lines}
        known = load_known(session, cameras)
        problems += part_problems(Parts(areas, draft.lines, draft.overlaps), known)
    refuse(problems)
