"""What a link and a card may be: every wrong value at once, with pointer and remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.errors import InvalidInputError
from backend.core.place_graph import PlaceKind, PlaceLink, PlaceRef
from backend.services.place_graph.checks import TEXT_MAX, check_card, check_link
from backend.services.place_graph.draft import CardDraft, LineChoice, LinkDraft, tidy_card
from backend.services.place_graph.known import KnownPlaces, load_known
from tests.services.place_graph.graph_world import (
    DRAWN,
    DRAWN_LINE,
    GATE_B,
    GATE_LINE,
    HALL,
    PLAZA,
    RECORDED,
    RECORDED_LINE,
    STAGE,
    GraphWorld,
)


@pytest.fixture
def known(world: GraphWorld) -> KnownPlaces:
    """What there is to be linked."""
    with world.database() as session:
        return load_known(session)


def refused(
    draft: LinkDraft, known: KnownPlaces, others: tuple[PlaceLink, ...] = ()
) -> dict[str, str]:
    """Return the details by pointer; empty for a link that is accepted."""
    try:
        check_link(draft, known=known, others=others)
    except InvalidInputError as error:
        return {problem.pointer: problem.detail for problem in error.problems}
    return {}


def link(draft: LinkDraft, link_id: int = 7) -> PlaceLink:
    return PlaceLink(link_id, draft.name, draft.source, draft.target)


def test_links_people_mean_are_accepted(known: KnownPlaces) -> None:
    there = link(GATE_B)
    back = replace(GATE_B, source=STAGE, target=PLAZA)
    for draft in (
        GATE_B,
        replace(GATE_B, line=None, walk_s=None),
        replace(GATE_B, target=HALL),
        replace(GATE_B, walk_s=1),
        replace(GATE_B, walk_s=7200),
        replace(GATE_B, source=DRAWN, line=LineChoice(line_id=DRAWN_LINE), target=HALL),
    ):
        assert refused(draft, known) == {}
    assert refused(back, known, (there,)) == {}, "people walk both ways"
    assert refused(replace(GATE_B, name="Gate C"), known, (there,)) == {}


def test_everything_wrong_is_told_at_once(known: KnownPlaces) -> None:
    gone = PlaceRef(PlaceKind.LOCATION, 99)
    draft = LinkDraft(
        name="",
        source=gone,
        target=gone,
        line=LineChoice(line_id=99),
        walk_s=0.0,
    )
    assert set(refused(draft, known)) == {
        "/name",
        "/source",
        "/target",
        "/line/line_id",
        "/walk_s",
    }


def test_a_place_does_not_feed_itself(known: KnownPlaces) -> None:
    found = refused(replace(GATE_B, target=PLAZA), known)
    assert found == {"/target": "A link leads from one place to another. Choose another place."}


def test_the_same_way_is_there_once(known: KnownPlaces) -> None:
    found = refused(replace(GATE_B, name="GATE b"), known, (link(GATE_B),))
    assert list(found) == ["/name"]
    assert "already" in found["/name"]


def test_a_recording_is_no_place_people_can_be_sent_to(known: KnownPlaces) -> None:
    draft = replace(GATE_B, target=RECORDED, line=LineChoice(line_id=RECORDED_LINE))
    assert set(refused(draft, known)) == {"/target", "/line/line_id"}


def test_drawn_people_do_not_count_for_real_ones(known: KnownPlaces) -> None:
    assert list(refused(replace(GATE_B, target=DRAWN), known)) == ["/target"]
    assert list(refused(replace(GATE_B, line=LineChoice(line_id=DRAWN_LINE)), known)) == [
        "/line/line_id"
    ]
    hall_fed = LinkDraft(name="x", source=HALL, target=DRAWN, line=LineChoice(line_id=GATE_LINE))
    assert list(refused(hall_fed, known)) == ["/line/line_id"]


@pytest.mark.parametrize("walk_s", [0.5, 7201.0, float("nan"), float("inf"), -3.0])
def test_walking_takes_a_believable_time(known: KnownPlaces, walk_s: float) -> None:
    assert list(refused(replace(GATE_B, walk_s=walk_s), known)) == ["/walk_s"]


@pytest.mark.parametrize("name", ["", "x" * 81, "a\x07b"])
def test_a_name_can_be_read(known: KnownPlaces, name: str) -> None:
    assert list(refused(replace(GATE_B, name=name), known)) == ["/name"]


def test_texts_of_a_card_are_short_and_can_be_shown() -> None:
    check_card(CardDraft(hold_gate="Hold Gate B.\nTwo stewards.", pa_text="x" * TEXT_MAX))
    with pytest.raises(InvalidInputError) as error:
        check_card(CardDraft(open_route="x" * (TEXT_MAX + 1), person_on_duty="a\x00b"))
    assert [problem.pointer for problem in error.value.problems] == [
        "/open_route",
        "/person_on_duty",
    ]


def test_a_card_is_kept_without_needless_blanks() -> None:
    given = CardDraft(hold_gate="  Hold Gate B. \r\n  Two stewards.\n\n", pa_text=" \n ")
    assert tidy_card(given) == CardDraft(hold_gate="Hold Gate B.\nTwo stewards.")
