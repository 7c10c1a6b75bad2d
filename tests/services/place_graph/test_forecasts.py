"""Minutes to the limit and what a held gate changes, on a clock that moves only when told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.locations import Location, TimeToLimit
from backend.core.place_graph import PlaceForecast, PlaceRef
from backend.core.trust import Trust
from backend.services.place_graph.draft import CardDraft, LinkDraft
from tests import builders
from tests.services.place_graph.graph_world import (
    ADMIN,
    GATE_B,
    HALL,
    PLAZA,
    STAGE,
    GraphWorld,
    location_reading,
)


def forecast(world: GraphWorld, place: PlaceRef) -> PlaceForecast:
    return world.forecasts.current().places[place]


def test_a_zone_that_fills_steadily_has_the_time_its_room_takes(world: GraphWorld) -> None:
    world.fill(60)  # 0.5 a second from 70: 99.5 now, 30.5 places left
    found = forecast(world, STAGE)
    assert found.limit == 130
    assert found.now.inflow_per_s == pytest.approx(0.5)
    assert found.now.seconds == pytest.approx(61.0, abs=1.0)
    low, high = found.now.low_s, found.now.high_s
    assert low is not None
    assert high is not None
    assert low < 61.0 < high
    assert world.forecasts.current().at == world.clock.now()


def test_nothing_is_said_before_twenty_seconds_are_seen(world: GraphWorld) -> None:
    world.fill(15)
    assert forecast(world, STAGE).now == TimeToLimit()
    world.fill(10, stage=77.5)
    assert forecast(world, STAGE).now.seconds is not None


def test_a_frame_that_is_looked_at_several_times_counts_once(world: GraphWorld) -> None:
    for frame in range(15):
        world.show(plaza=50, stage=70 + 1.0 * frame)
        world.wait(2)
    assert forecast(world, STAGE).now.inflow_per_s == pytest.approx(0.5)


def test_a_few_frames_make_no_slope(world: GraphWorld) -> None:
    for frame in range(4):
        world.show(plaza=50, stage=70 + 3.0 * frame)
        world.step()
        world.clock.advance(7)
    assert forecast(world, STAGE).now.inflow_per_s is None


def test_a_held_gate_takes_its_flow_from_the_inflow(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, GATE_B)
    world.fill(60)
    (gate,) = forecast(world, STAGE).gates
    assert (gate.name, gate.flow_per_s) == ("Gate B", 0.3)
    assert gate.held is not None
    assert gate.held.inflow_per_s == pytest.approx(0.2)
    assert gate.held.seconds == pytest.approx(30.5 / 0.2, abs=4.0)
    assert forecast(world, PLAZA).gates == (), "it feeds the stage, not the plaza"


def test_who_is_held_waits_in_the_place_before(world: GraphWorld) -> None:
    world.zones = (replace(world.zones[0], count_limit=80), world.zones[1])
    world.service.add_link(ADMIN, GATE_B)
    world.fill(60, plaza_rate=0.1)  # 55.9 on the plaza, 0.4 a second once the gate is held
    (gate,) = forecast(world, STAGE).gates
    assert gate.source is not None
    assert gate.source.inflow_per_s == pytest.approx(0.4)
    assert gate.source.seconds == pytest.approx(24.1 / 0.4, abs=2.0)
    low, high = gate.source.inflow_low, gate.source.inflow_high
    assert low is not None
    assert high is not None
    assert low < 0.4 < high


def test_a_reversed_line_is_read_the_other_way(world: GraphWorld) -> None:
    assert GATE_B.line is not None
    world.service.add_link(ADMIN, replace(GATE_B, line=replace(GATE_B.line, is_reversed=True)))
    world.fill(30)
    (gate,) = forecast(world, STAGE).gates
    assert gate.flow_per_s == 0.1


def test_a_gate_nobody_counts_at_says_nothing(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, replace(GATE_B, line=None))
    world.fill(60)
    (gate,) = forecast(world, STAGE).gates
    assert (gate.flow_per_s, gate.held, gate.source) == (None, None, None)


@pytest.mark.parametrize("what", ["distrusted", "not yet known"])
def test_a_flow_that_is_not_known_now_says_nothing(world: GraphWorld, what: str) -> None:
    world.service.add_link(ADMIN, GATE_B)
    if what == "distrusted":
        world.line_trust = Trust.UNKNOWN
    else:
        world.flow_per_s = None
    world.fill(60)
    (gate,) = forecast(world, STAGE).gates
    assert (gate.flow_per_s, gate.held) == (None, None)


def test_gates_that_bring_most_come_first_and_other_ways_are_no_gates(world: GraphWorld) -> None:
    uncounted = LinkDraft(name="Side door", source=HALL, target=STAGE, is_gate=True)
    for draft in (uncounted, GATE_B, replace(GATE_B, name="Path", is_gate=False)):
        world.service.add_link(ADMIN, draft)
    world.fill(30)
    assert [gate.name for gate in forecast(world, STAGE).gates] == ["Gate B", "Side door"]


def test_a_zone_that_is_not_seen_has_no_forecast(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, GATE_B)
    world.fill(60)
    world.wait(30)
    found = forecast(world, STAGE)
    assert found.now == TimeToLimit()
    assert [(gate.flow_per_s, gate.held) for gate in found.gates] == [(None, None)]


def test_seconds_that_cannot_be_believed_are_left_out(world: GraphWorld) -> None:
    world.fill(40)
    for _ in range(5):
        world.clock.advance(1)
        world.show(plaza=50, stage=500, trust=Trust.UNKNOWN)
        world.step()
    assert forecast(world, STAGE).now == TimeToLimit(), "who is there now is not known"
    world.fill(15, stage=92.5)
    assert forecast(world, STAGE).now.inflow_per_s == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("what", ["run", "segment", "outline", "counter"])
def test_what_cannot_be_compared_begins_anew(world: GraphWorld, what: str) -> None:
    world.fill(60)
    if what == "run":
        world.run_id += 1
    elif what == "segment":
        world.segment += 1
    elif what == "outline":
        corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
        world.zones = (world.zones[0], replace(world.zones[1], corners=corners))
    world.clock.advance(1)
    world.show(plaza=50, stage=110, map_share=1.0 if what == "counter" else 0.0)
    world.step()
    assert forecast(world, STAGE).now.inflow_per_s is None


def test_only_places_with_a_limit_a_link_or_a_card_are_looked_at(world: GraphWorld) -> None:
    world.fill(2)
    assert set(world.forecasts.current().places) == {STAGE, HALL}
    world.service.write_card(ADMIN, PLAZA, CardDraft(pa_text="Please wait."))
    world.fill(2)
    assert set(world.forecasts.current().places) == {PLAZA, STAGE, HALL}


def test_places_that_are_gone_are_forgotten(world: GraphWorld) -> None:
    world.fill(60)
    world.locations.known.clear()
    stage = world.zones[1]
    world.zones = (world.zones[0], builders.zone(9, name="Other", count_limit=10))
    world.fill(1)
    assert {place.place_id for place in world.forecasts.current().places} == {9}
    world.zones = (world.zones[0], stage)
    world.fill(1)
    assert forecast(world, STAGE).now == TimeToLimit(), "drawn again it begins anew"


def test_a_location_has_the_time_it_says(world: GraphWorld) -> None:
    world.service.add_link(ADMIN, replace(GATE_B, target=HALL))
    time = TimeToLimit(0.5, 0.4, 0.6, 200.0, 150.0, 260.0)
    world.locations.numbers[1] = location_reading(200.0, time=time)
    world.fill(30)
    found = forecast(world, HALL)
    assert (found.limit, found.now.seconds) == (300, 200.0)
    (gate,) = found.gates
    assert gate.held is not None
    assert gate.held.seconds == pytest.approx(500.0)
    world.locations.numbers[1] = location_reading(200.0, trust=Trust.UNKNOWN, time=time)
    world.fill(1)
    assert forecast(world, HALL).now == TimeToLimit()


def test_a_place_without_a_limit_says_how_it_fills(world: GraphWorld) -> None:
    world.locations.known[1] = Location(1, "Hall")
    world.service.add_link(ADMIN, GATE_B)
    world.fill(60, plaza_rate=0.25)
    found = forecast(world, PLAZA)
    assert found.limit is None
    assert (found.now.inflow_per_s, found.now.seconds) == (pytest.approx(0.25), None)


def test_links_are_read_again_only_when_told(world: GraphWorld) -> None:
    world.fill(1)
    link = world.service.add_link(ADMIN, GATE_B)
    world.fill(1)
    assert len(forecast(world, STAGE).gates) == 1
    world.service.remove_link(ADMIN, link.id)
    world.fill(1)
    assert forecast(world, STAGE).gates == ()
