"""Words of notifications."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from backend.core.place_graph import ActionCard, PlaceKind, PlaceRef
from backend.core.risk import RiskLevel
from backend.services.alert_texts import advice, headline, lines, trust_line
from backend.services.alert_views import AlertView
from backend.services.cause_views import CauseView
from tests.builders import EPOCH

ALERT = AlertView(
    id=12,
    camera_id=1,
    place_name="North gate",
    family="crowding",
    level="CRITICAL",
    peak_level="CRITICAL",
    status="ACTIVE",
    origin="LIVE",
    cause="density",
    message="Too dense.",
    causes=(CauseView("density", "CRITICAL", 6.4, 6.0, "1/m²", "6.4 people per m², limit 6."),),
    metrics={"count": 137.2, "count_low": 120.0, "count_high": None, "trust_reason": "Texture."},
    trust="saturated",
    score=80.0,
    peak_count=None,
    peak_density_per_m2=None,
    opened_at=EPOCH,
    updated_at=EPOCH,
    acknowledged_at=None,
    acknowledged_by=None,
    acknowledge_note="",
    resolved_at=None,
    resolved_by=None,
    resolve_note="",
    has_snapshot=False,
)


def test_level_place_and_kind_come_first() -> None:
    assert headline(ALERT, "opened") == "CRITICAL · North gate: crowding"
    assert headline(ALERT, "escalated") == "CRITICAL (worse) · North gate: crowding"
    assert headline(ALERT, "cleared") == "OVER · North gate: crowding"


def test_the_venue_reads_its_own_time() -> None:
    body = lines(ALERT, "opened", zone=ZoneInfo("Europe/Berlin"))
    assert "Since 01 Jan 2026, 13:00:00 CET." in body


def test_a_saturated_count_is_at_least() -> None:
    body = "\n".join(lines(ALERT, "opened", zone=ZoneInfo("UTC")))
    assert "People: at least 120." in body
    assert "lower bounds" in body
    assert "Texture." in body
    assert "Act now. Slow the inflow" in body
    nobody = replace(ALERT, metrics={**ALERT.metrics, "count_low": 0.3})
    assert "People: more than can be counted." in lines(nobody, "opened", zone=ZoneInfo("UTC"))


def test_without_numbers_there_are_no_numbers() -> None:
    bare = replace(ALERT, metrics={}, causes=(), message="It is dark.")
    body = lines(bare, "opened", zone=ZoneInfo("UTC"))
    assert body[0] == "It is dark."
    assert not any("People" in line for line in body)


@pytest.mark.parametrize("trust", ["ok", "estimated", "degraded", "saturated", "unknown"])
def test_every_trust_state_has_words(trust: str) -> None:
    assert "numbers" in trust_line(trust, "")


def test_an_unknown_cause_still_gets_advice() -> None:
    assert "Look" in advice((replace(ALERT.causes[0], name="new"),), RiskLevel.CAUTION)


def test_old_numbers_are_not_told_as_those_of_now() -> None:
    body = lines(replace(ALERT, trust="unknown"), "opened", zone=ZoneInfo("UTC"))
    assert "People when last seen: at least 120." in body


def test_the_end_is_told_in_the_words_of_its_kind() -> None:
    over = replace(ALERT, resolved_at=EPOCH)
    assert lines(over, "cleared", zone=ZoneInfo("UTC"))[0].startswith("Back below the limits since")
    seen = lines(replace(over, family="blindness"), "cleared", zone=ZoneInfo("UTC"))
    assert seen[0].startswith("The place can be seen again since")


def test_the_action_card_follows_the_advice_and_nothing_follows_the_end() -> None:
    card = ActionCard(
        PlaceRef(PlaceKind.ZONE, 1), hold_gate="Hold Gate B.", pa_text="Please wait a moment."
    )
    body = lines(ALERT, "escalated", zone=ZoneInfo("UTC"), card=card)
    assert body[-4].startswith("What to do: ")
    assert body[-3:-1] == ("Do: Hold Gate B.", "Announce: “Please wait a moment.”")
    over = replace(ALERT, resolved_at=EPOCH)
    assert not any(
        "Do:" in line for line in lines(over, "cleared", zone=ZoneInfo("UTC"), card=card)
    )


def test_a_location_that_nobody_counts_is_spoken_of_as_one() -> None:
    metrics = {"count": 11.0, "count_low": 0.0, "count_high": None, "source": "CAMERA"}
    hall = replace(
        ALERT,
        camera_id=None,
        location_id=4,
        place_name="Hall",
        family="blindness",
        level="WARNING",
        trust="unknown",
        metrics={**metrics, "capacity_limit": 10},
    )
    assert headline(hall, "opened") == "WARNING · Hall: nobody knows how many people are there"
    body = lines(hall, "opened", zone=ZoneInfo("UTC"))
    expected = "People when last seen: about 11 or more, counted by cameras; it may hold 10."
    assert expected in body
    assert any("Send a steward to count the people" in line for line in body)
    over = lines(hall, "cleared", zone=ZoneInfo("UTC"))
    assert over[0].startswith("The people there are counted again since")
