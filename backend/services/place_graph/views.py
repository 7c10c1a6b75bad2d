"""The place graph as pages and clients are shown it; field names are the JSON keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.locations import TimeToLimit
from backend.core.place_graph import GateEffect, PlaceForecast, PlaceLink, PlaceRef
from backend.services.place_graph.known import KnownPlaces
from backend.services.place_graph.stored import StoredCard


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNumbers:
    """People in a place now; no count = nothing is known at all."""

    count: float | None = None
    count_low: float | None = None
    count_high: float | None = None
    trust: str = "unknown"
    trust_reason: str = "Nothing has been measured here since CrowdSafe was started."
    risk_level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFlow:
    """People a second over a link's line, its way and back; None where it is not known now."""

    flow_per_s: float | None = None
    back_per_s: float | None = None
    trust: str = "unknown"
    trust_reason: str = "Nobody counts here."


@dataclass(frozen=True, slots=True, kw_only=True)
class EndView:
    """A place as an end of a link."""

    kind: str
    place_id: int
    name: str
    camera_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLineView:
    """The counting line of a link."""

    line_id: int
    name: str
    camera_id: int
    camera_name: str
    is_reversed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link, and who goes over it now; see `core.place_graph.PlaceLink`."""

    id: int
    name: str
    source: EndView
    target: EndView
    line: LinkLineView | None
    is_gate: bool
    walk_s: float | None
    flow_per_s: float | None
    back_per_s: float | None
    trust: str
    trust_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """What holding a gate would change; see `core.place_graph.GateEffect`.

    Attributes:
        source_name: Of the place before it, where they would wait.
        walk_s: Until it is felt: those on the way arrive all the same. None = not known.
    """

    link_id: int
    name: str
    source_name: str
    walk_s: float | None
    flow_per_s: float | None
    held: TimeToLimit | None
    source: TimeToLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastView:
    """How long a place has got.

    Attributes:
        at: Aware UTC, when it was made.
        age_s: Since then.
        limit: It is made for; None = none is set.
    """

    at: datetime
    age_s: float
    limit: int | None
    now: TimeToLimit
    gates: tuple[GateView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeView:
    """A place of the graph.

    Attributes:
        camera_id, camera_name: Of a zone; None of a location.
        limit: People it may hold; None = none is set.
        forecast: None where none is made: nothing is measured there.
    """

    kind: str
    place_id: int
    name: str
    camera_id: int | None
    camera_name: str | None
    limit: int | None
    count: float | None
    count_low: float | None
    count_high: float | None
    trust: str
    trust_reason: str
    risk_level: str | None
    is_simulated: bool
    has_card: bool
    forecast: ForecastView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphView:
    """All linked places, those with a limit or a card, and the links between them."""

    nodes: tuple[NodeView, ...]
    links: tuple[LinkView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoiceView:
    """A counting line a link may be given."""

    line_id: int
    name: str
    camera_id: int
    camera_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesView:
    """What there is to be linked."""

    places: tuple[EndView, ...]
    lines: tuple[LineChoiceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """The action card of a place; see `core.place_graph.ActionCard`.

    Attributes:
        updated_at, updated_by: Of the last change; None and empty where nothing was written.
    """

    kind: str
    place_id: int
    hold_gate: str
    open_route: str
    pa_text: str
    person_on_duty: str
    updated_at: datetime | None
    updated_by: str


def end_view(place: PlaceRef, known: KnownPlaces) -> EndView:
    """Return a place as an end of a link; it must be known."""
    found = known.places[place]
    return EndView(
        kind=place.kind.value,
        place_id=place.place_id,
        name=found.name,
        camera_name=found.camera_name,
    )


def link_view(link: PlaceLink, known: KnownPlaces, flow: LinkFlow) -> LinkView:
    """Return a link between known places as shown."""
    line = None if link.line is None else known.lines.get(link.line.line_id)
    shown = None
    if line is not None and link.line is not None:
        shown = LinkLineView(
            line_id=line.line_id,
            name=line.name,
            camera_id=line.camera_id,
            camera_name=line.camera_name,
            is_reversed=link.line.is_reversed,
        )
    return LinkView(
        id=link.link_id,
        name=link.name,
        source=end_view(link.source, known),
        target=end_view(link.target, known),
        line=shown,
        is_gate=link.is_gate,
        walk_s=link.walk_s,
        flow_per_s=flow.flow_per_s,
        back_per_s=flow.back_per_s,
        trust=flow.trust,
        trust_reason=flow.trust_reason,
    )


def node_view(
    place: PlaceRef,
    known: KnownPlaces,
    *,
    numbers: PlaceNumbers,
    forecast: ForecastView | None,
    has_card: bool,
) -> NodeView:
    """Return a known place as shown."""
    found = known.places[place]
    return NodeView(
        kind=place.kind.value,
        place_id=place.place_id,
        name=found.name,
        camera_id=found.camera_id,
        camera_name=found.camera_name,
        limit=found.limit,
        count=numbers.count,
        count_low=numbers.count_low,
        count_high=numbers.count_high,
        trust=numbers.trust,
        trust_reason=numbers.trust_reason,
        risk_level=numbers.risk_level,
        is_simulated=found.is_simulated is True,
        has_card=has_card,
        forecast=forecast,
    )


def forecast_view(
    forecast: PlaceForecast,
    *,
    at: datetime,
    age_s: float,
    links: Sequence[PlaceLink],
    name_of: Callable[[PlaceRef], str],
) -> ForecastView:
    """Return a forecast as shown; gates that are gone since are left out."""
    by_id = {link.link_id: link for link in links}
    return ForecastView(
        at=at,
        age_s=max(age_s, 0.0),
        limit=forecast.limit,
        now=forecast.now,
        gates=tuple(
            _gate_view(gate, by_id[gate.link_id], name_of)
            for gate in forecast.gates
            if gate.link_id in by_id
        ),
    )


def _gate_view(gate: GateEffect, link: PlaceLink, name_of: Callable[[PlaceRef], str]) -> GateView:
    return GateView(
        link_id=gate.link_id,
        name=link.name,
        source_name=name_of(link.source),
        walk_s=link.walk_s,
        flow_per_s=gate.flow_per_s,
        held=gate.held,
        source=gate.source,
    )


def choices_view(known: KnownPlaces) -> ChoicesView:
    """Return what there is to be linked."""
    return ChoicesView(
        places=tuple(end_view(place, known) for place in known.places),
        lines=tuple(
            LineChoiceView(
                line_id=line.line_id,
                name=line.name,
                camera_id=line.camera_id,
                camera_name=line.camera_name,
            )
            for line in known.lines.values()
        ),
    )


def card_view(stored: StoredCard) -> CardView:
    """Return an action card as shown."""
    card = stored.card
    return CardView(
        kind=card.place.kind.value,
        place_id=card.place.place_id,
        hold_gate=card.hold_gate,
        open_route=card.open_route,
        pa_text=card.pa_text,
        person_on_duty=card.person_on_duty,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
    )
