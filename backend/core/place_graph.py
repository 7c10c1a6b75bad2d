"""Which place feeds which, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.core.locations import LineRef, TimeToLimit


class PlaceKind(StrEnum):
    """What a node of the graph is."""

    ZONE = "zone"
    LOCATION = "location"


@dataclass(frozen=True, slots=True, order=True)
class PlaceRef:
    """A zone of a camera, or a location; ids of either are never given again."""

    kind: PlaceKind
    place_id: int


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """People go from one place to another.

    Attributes:
        name: Of the way, as people call it: "Gate B", "Bridge".
        source, target: Places; another pair is another link.
        line: Counts who goes this way; *in* leads from source to target unless reversed. None =
            nobody counts.
        is_gate: It can be held.
        walk_s: Time the way takes, seconds; None = not known.
    """

    link_id: int
    name: str
    source: PlaceRef
    target: PlaceRef
    line: LineRef | None = None
    is_gate: bool = False
    walk_s: float | None = None


@dataclass(frozen=True, slots=True)
class ActionCard:
    """What to do when a place is too full. Empty text = nothing is written for it.

    Attributes:
        hold_gate: Which gate to hold, and how.
        open_route: Which way to open.
        pa_text: Words for the public address.
        person_on_duty: Who decides here, and how to reach them.
    """

    place: PlaceRef
    hold_gate: str = ""
    open_route: str = ""
    pa_text: str = ""
    person_on_duty: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written on it."""
        return not (self.hold_gate or self.open_route or self.pa_text or self.person_on_duty)


@dataclass(frozen=True, slots=True)
class GateEffect:
    """What holding one gate would change for the place it feeds.

    Attributes:
        flow_per_s: People a second that come through it now; None where nobody counts them.
        held: When the place would be full without them; None where the flow is not known.
        source: When the place before the gate would be full if they stayed there; None where
            its own net inflow is not known.
    """

    link_id: int
    name: str
    flow_per_s: float | None
    held: TimeToLimit | None
    source: TimeToLimit | None = None


@dataclass(frozen=True, slots=True)
class PlaceForecast:
    """How long one place has got.

    Attributes:
        limit: People it may hold; None = none is set.
        gates: Its gates, those that bring most first.
    """

    place: PlaceRef
    limit: int | None
    now: TimeToLimit
    gates: tuple[GateEffect, ...] = ()
