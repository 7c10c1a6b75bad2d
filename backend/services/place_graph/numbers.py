"""People in places and on links now, as far as they may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.core.place_graph import PlaceKind, PlaceLink, PlaceRef
from backend.core.trust import Trust
from backend.services.live_state import LiveState
from backend.services.place_graph.forecasts import LocationNumbers
from backend.services.place_graph.known import KnownPlaces
from backend.services.place_graph.views import LinkFlow, PlaceNumbers
from backend.services.place_views import LineNumbersView, PlacesNumbersView, ZoneNumbersView

NOTHING = PlaceNumbers()
_NOT_SEEN = LinkFlow(trust_reason="The line that counts here is not seen now.")


def place_numbers(
    places: Iterable[PlaceRef], known: KnownPlaces, *, live: LiveState, locations: LocationNumbers
) -> Mapping[PlaceRef, PlaceNumbers]:
    """Return the numbers of known places; `NOTHING` where there are none."""
    found: dict[PlaceRef, PlaceNumbers] = {}
    zones: dict[int, ZoneNumbersView] = {}
    wanted = list(places)
    for camera_id in {known.places[place].camera_id for place in wanted}:
        shown = None if camera_id is None else _places_of(live, camera_id)
        zones.update({zone.zone_id: zone for zone in shown.zones} if shown else {})
    for place in wanted:
        if place.kind is PlaceKind.LOCATION:
            found[place] = _of_location(place.place_id, locations)
        else:
            zone = zones.get(place.place_id)
            found[place] = NOTHING if zone is None else _of_zone(zone)
    return found


def link_flows(links: Iterable[PlaceLink], *, live: LiveState) -> Mapping[int, LinkFlow]:
    """Return who goes over each link now, by its id."""
    wanted = list(links)
    lines: dict[int, LineNumbersView] = {}
    for camera_id in {link.line.camera_id for link in wanted if link.line is not None}:
        shown = _places_of(live, camera_id)
        lines.update({line.line_id: line for line in shown.lines} if shown else {})
    return {link.link_id: _flow(link, lines) for link in wanted}


def _places_of(live: LiveState, camera_id: int) -> PlacesNumbersView | None:
    metric = live.current(camera_id)
    return None if metric is None else metric.places


def _of_zone(zone: ZoneNumbersView) -> PlaceNumbers:
    return PlaceNumbers(
        count=zone.count,
        count_low=zone.count_low,
        count_high=zone.count_high,
        trust=zone.trust,
        trust_reason=zone.trust_reason,
        risk_level=zone.risk_level,
    )


def _of_location(location_id: int, locations: LocationNumbers) -> PlaceNumbers:
    reading = locations.reading(location_id)
    if reading is None:
        return NOTHING
    return PlaceNumbers(
        count=reading.count,
        count_low=reading.count_low,
        count_high=reading.count_high,
        trust=reading.trust.value,
        trust_reason=reading.trust_reason,
        risk_level=reading.risk_level.name,
    )


def _flow(link: PlaceLink, lines: Mapping[int, LineNumbersView]) -> LinkFlow:
    if link.line is None:
        return LinkFlow()
    line = lines.get(link.line.line_id)
    if line is None:
        return _NOT_SEEN
    if line.trust == Trust.UNKNOWN.value:  # an old flow is not shown as one of now
        return LinkFlow(trust=line.trust, trust_reason=line.trust_reason)
    into, out = line.in_per_s, line.out_per_s
    if link.line.is_reversed:
        into, out = out, into
    return LinkFlow(
        flow_per_s=into, back_per_s=out, trust=line.trust, trust_reason=line.trust_reason
    )
