"""Linking places and writing cards: who may, what is kept, what is shown, what goes with what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete

from backend.core.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.core.trust import Trust
from backend.db.locations import LocationRow
from backend.db.place_graph import ActionCardRow, PlaceLinkRow
from backend.db.places import CountingLineRow, ZoneRow
from backend.services.place_graph.cards import card_for, card_lines, place_of
from backend.services.place_graph.draft import CardDraft
from backend.services.place_graph.views import NodeView
from tests.services.place_graph.graph_world import (
    ADMIN,
    GATE_B,
    GATE_LINE,
    HALL,
    OPERATOR,
    PLAZA,
    RECORDED,
    STAGE,
    VIEWER,
    GraphWorld,
    location_reading,
)

CARD = CardDraft(
    hold_gate="Hold Gate B.",
    open_route="Open the north path.",
    pa_text="Please wait a moment.",
    person_on_duty="Ida, channel 4",
)


def nodes(world: GraphWorld) -> dict[PlaceRef, NodeView]:
    return {
        PlaceRef(PlaceKind(node.kind), node.place_id): node for node in world.service.graph().nodes
    }


def test_a_link_is_added_changed_and_deleted(world: GraphWorld) -> None:
    made = world.service.add_link(ADMIN, replace(GATE_B, name="  Gate   B "))
    assert (made.name, made.is_gate, made.walk_s) == ("Gate B", True, 40.0)
    assert (made.source.name, made.target.name) == ("Plaza", "Stage")
    assert made.line is not None
    assert (made.line.name, made.line.camera_name, made.line.is_reversed) == (
        "Gate B line",
        "North",
        False,
    )
    changed = world.service.change_link(ADMIN, made.id, {"walk_s": None, "line": None})
    assert (changed.id, changed.name, changed.walk_s, changed.line) == (
        made.id,
        "Gate B",
        None,
        None,
    )
    assert world.service.graph().links == (changed,)
    world.service.remove_link(ADMIN, made.id)
    assert world.service.graph().links == ()
    with pytest.raises(NotFoundError):
        world.service.remove_link(ADMIN, made.id)
    with pytest.raises(NotFoundError):
        world.service.change_link(ADMIN, made.id, {"name": "x"})
    assert [row.action for row in world.audit_rows()] == [
        "place_link.create",
        "place_link.update",
        "place_link.delete",
    ]
    updated = world.audit_rows()[1]
    assert updated.before == {"line": {"line_id": GATE_LINE, "is_reversed": False}, "walk_s": 40.0}
    assert updated.after == {"line": None, "walk_s": None}


def test_a_wrong_change_leaves_everything_as_it_was(world: GraphWorld) -> None:
    made = world.service.add_link(ADMIN, GATE_B)
    world.service.add_link(ADMIN, replace(GATE_B, name="Gate C"))
    with pytest.raises(InvalidInputError) as error:
        world.service.change_link(ADMIN, made.id, {"name": "gate c", "walk_s": 0})
    assert [problem.pointer for problem in error.value.problems] == ["/name", "/walk_s"]
    assert [link.name for link in world.service.graph().links] == ["Gate B", "Gate C"]
    assert world.service.change_link(ADMIN, made.id, {"name": "Gate B"}) == made
    assert len(world.audit_rows()) == 2, "what changes nothing leaves no trace"


def test_links_are_the_administrators(world: GraphWorld) -> None:
    made = world.service.add_link(ADMIN, GATE_B)
    for actor in (OPERATOR, VIEWER):
        with pytest.raises(PermissionDeniedError):
            world.service.add_link(actor, replace(GATE_B, name="x"))
        with pytest.raises(PermissionDeniedError):
            world.service.change_link(actor, made.id, {"name": "x"})
        with pytest.raises(PermissionDeniedError):
            world.service.remove_link(actor, made.id)
    assert world.service.graph().links == (made,)


def test_a_card_is_written_by_operators_and_says_who_did(world: GraphWorld) -> None:
    empty = world.service.card(STAGE)
    assert (empty.hold_gate, empty.updated_at, empty.updated_by) == ("", None, "")
    written = world.service.write_card(OPERATOR, STAGE, CARD)
    assert written == world.service.card(STAGE)
    assert (written.pa_text, written.updated_by) == ("Please wait a moment.", "olga")
    assert written.updated_at == world.clock.now()
    world.clock.advance(60)
    assert world.service.write_card(ADMIN, STAGE, CARD) == written, "nothing has changed"
    with pytest.raises(PermissionDeniedError):
        world.service.write_card(VIEWER, STAGE, CARD)
    (row,) = world.audit_rows()
    assert (row.action, row.object_type, row.object_id) == ("action_card.update", "zone", "2")


def test_an_empty_card_is_thrown_away(world: GraphWorld) -> None:
    world.service.write_card(OPERATOR, HALL, CARD)
    world.service.write_card(OPERATOR, HALL, CardDraft(pa_text="  "))
    with world.database() as session:
        assert session.query(ActionCardRow).all() == []
        assert card_for(session, HALL) is None
    assert not nodes(world)[HALL].has_card


@pytest.mark.parametrize("place", [PlaceRef(PlaceKind.ZONE, 99), RECORDED])
def test_only_places_that_can_be_linked_have_cards(world: GraphWorld, place: PlaceRef) -> None:
    with pytest.raises(NotFoundError):
        world.service.card(place)
    with pytest.raises(NotFoundError):
        world.service.write_card(ADMIN, place, CARD)


def test_what_is_linked_limited_or_carded_is_shown_with_its_numbers(world: GraphWorld) -> None:
    assert set(nodes(world)) == {STAGE, HALL}
    world.service.add_link(ADMIN, GATE_B)
    world.locations.numbers[1] = location_reading(120.0)
    world.fill(30)
    found = nodes(world)
    assert set(found) == {PLAZA, STAGE, HALL}
    stage = found[STAGE]
    assert (stage.count, stage.count_low, stage.limit, stage.trust) == (84.5, 80.5, 130, "ok")
    assert (stage.camera_id, stage.camera_name, found[HALL].camera_id) == (1, "North", None)
    assert (found[HALL].count, found[HALL].limit) == (120.0, 300)
    assert stage.forecast is not None
    assert stage.forecast.at == world.clock.now()
    (gate,) = stage.forecast.gates
    assert (gate.name, gate.source_name, gate.walk_s) == ("Gate B", "Plaza on North", 40.0)
    (link,) = world.service.graph().links
    assert (link.flow_per_s, link.back_per_s, link.trust) == (0.3, 0.1, "ok")


def test_old_numbers_say_so_and_an_old_flow_is_not_shown(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, GATE_B)
    assert nodes(world)[STAGE].count is None
    assert nodes(world)[STAGE].trust == Trust.UNKNOWN.value
    world.fill(30)
    world.clock.advance(30)
    stage = nodes(world)[STAGE]
    assert (stage.count, stage.trust) == (84.5, "unknown")
    assert "No picture" in stage.trust_reason
    assert stage.forecast is not None
    assert stage.forecast.age_s == 30
    (link,) = world.service.graph().links
    assert (link.flow_per_s, link.back_per_s, link.trust) == (None, None, "unknown")


def test_a_link_without_a_line_says_that_nobody_counts(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, replace(GATE_B, line=None))
    (link,) = world.service.graph().links
    assert (link.flow_per_s, link.trust_reason) == (None, "Nobody counts here.")


def test_links_and_cards_go_with_their_places_and_stay_without_their_line(
    world: GraphWorld,
) -> None:
    world.service.add_link(ADMIN, GATE_B)
    world.service.add_link(ADMIN, replace(GATE_B, name="Door", target=HALL))
    world.service.write_card(ADMIN, HALL, CARD)
    with world.database() as session, session.begin():
        session.execute(delete(CountingLineRow).where(CountingLineRow.id == GATE_LINE))
    assert [(link.name, link.line) for link in world.service.graph().links] == [
        ("Gate B", None),
        ("Door", None),
    ]
    with world.database() as session, session.begin():
        session.execute(delete(LocationRow))
    assert [link.name for link in world.service.graph().links] == ["Gate B"]
    with world.database() as session, session.begin():
        session.execute(delete(ZoneRow).where(ZoneRow.id == PLAZA.place_id))
        assert session.query(ActionCardRow).all() == []
    with world.database() as session:
        assert session.query(PlaceLinkRow).all() == []


def test_choices_are_live_places_and_lines(world: GraphWorld) -> None:
    found = world.service.choices()
    assert [(place.kind, place.name) for place in found.places] == [
        ("location", "Hall"),
        ("zone", "Drawn plaza"),
        ("zone", "Plaza"),
        ("zone", "Stage"),
    ]
    assert [line.name for line in found.lines] == ["Drawn line", "Gate B line"]


def test_a_card_is_told_line_by_line_as_far_as_it_is_written(world: GraphWorld) -> None:
    world.service.write_card(OPERATOR, STAGE, replace(CARD, hold_gate="Hold B.\nThen C."))
    with world.database() as session:
        stored = card_for(session, place_of(STAGE.place_id, None))
        assert card_for(session, place_of(None, HALL.place_id)) is None
        assert card_for(session, place_of(None, None)) is None
    assert stored is not None
    assert card_lines(stored.card) == (
        "Do: Hold B. Then C.",
        "Do: Open the north path.",
        "On duty: Ida, channel 4",
        "Announce: “Please wait a moment.”",
    )
