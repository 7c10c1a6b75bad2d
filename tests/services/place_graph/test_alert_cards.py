"""The action card and the forecast of a place, with its incidents and in what is sent out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.locations import TimeToLimit
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.services.place_graph.draft import CardDraft
from backend.services.place_graph.stored import store_card
from backend.services.place_graph.views import ForecastView
from tests import builders
from tests.builders import EPOCH, ManualClock
from tests.database import make_engine
from tests.services.alert_world import OPERATOR, VIEWER, AlertWorld
from tests.services.zone_world import ZoneWorld

GATE = PlaceRef(PlaceKind.ZONE, 1)
FORECAST = ForecastView(
    at=EPOCH, age_s=0.0, limit=50, now=TimeToLimit(0.5, 0.4, 0.6, 0.0, 0.0), gates=()
)


@pytest.fixture
def gate(manual_clock: ManualClock, tmp_path: Path) -> Iterator[ZoneWorld]:
    """A camera with one zone that has a card."""
    engine = make_engine()
    world = AlertWorld(manual_clock, tmp_path / "evidence", engine)
    world.add_camera()
    drawn = ZoneWorld(world, (builders.zone(1, name="Gate B", count_limit=50),))
    card = CardDraft(hold_gate="Hold Gate B.", pa_text="Please wait.")
    with world.database() as session, session.begin():
        store_card(session, GATE, card, at=EPOCH, by="olga")
    yield drawn
    engine.dispose()


def test_what_is_sent_out_has_the_words_of_the_card(gate: ZoneWorld) -> None:
    gate.play(60, seconds=12)
    (delivery,) = gate.world.deliveries()
    told = delivery.payload["lines"]
    assert told[-3:-1] == ["Do: Hold Gate B.", "Announce: “Please wait.”"]
    gate.play(10, seconds=65)
    over = gate.world.deliveries()[-1].payload
    assert over["headline"].startswith("OVER")
    assert not any("Hold Gate B" in line for line in over["lines"])


def test_an_incident_shows_the_card_and_the_forecast_while_it_lasts(gate: ZoneWorld) -> None:
    gate.world.forecasts[GATE] = FORECAST
    gate.play(60, seconds=12)
    alert = gate.world.service.get(VIEWER, gate.world.only().id)
    assert alert.action_card is not None
    assert (alert.action_card.hold_gate, alert.action_card.updated_by) == ("Hold Gate B.", "olga")
    assert alert.forecast == FORECAST
    gate.play(10, seconds=65)
    over = gate.world.service.get(OPERATOR, alert.id)
    assert (over.status, over.forecast) == ("RESOLVED", None)
    assert over.action_card == alert.action_card


def test_without_a_card_and_of_a_zone_that_is_gone_there_is_none(gate: ZoneWorld) -> None:
    with gate.world.database() as session, session.begin():
        store_card(session, GATE, CardDraft(), at=EPOCH, by="olga")
    gate.play(60, seconds=12)
    (delivery,) = gate.world.deliveries()
    assert not any(line.startswith("Do:") for line in delivery.payload["lines"])
    assert gate.world.service.get(VIEWER, gate.world.only().id).action_card is None
