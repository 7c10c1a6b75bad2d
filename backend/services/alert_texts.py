"""Incidents in plain words: what people read on their phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from backend.core.place_graph import ActionCard
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.alerts import AlertFamily
from backend.services.alert_views import AlertView
from backend.services.cause_views import CauseView
from backend.services.place_graph.cards import card_lines

_FAMILY_WORDS: Final = {
    "crowding": "crowding",
    "capacity": "too many people",
    "surge": "sudden rise in people",
    "blindness": "the camera can no longer see",
    "rule": "a rule was broken",
}

_LOCATION_UNSEEN: Final = "nobody knows how many people are there"
_LOCATION_SEEN: Final = "The people there are counted again"
_LOCATION_ADVICE: Final = (
    "Send a steward to count the people, enter the number, and see to the cameras."
)
_SOURCE_WORDS: Final = {
    "CAMERA": "counted by cameras",
    "LINE": "counted at its entrances and exits",
    "MANUAL": "entered by hand",
    "API": "sent by another system",
    "EDGE": "sent by a counting device",
}

_BELOW: Final = "Back below the limits"
_OVER_WORDS: Final = {"blindness": "The place can be seen again"}

_ADVICE: Final = {
    "density": "Slow the inflow to this place and open ways out of it.",
    "people_limit": "Hold the entrances to this place until people have left.",
    "surge": "Find out where the people come from and hold them there.",
    "stagnation": "People cannot move: stop the inflow and clear the way ahead of them.",
    "pressure": "Stop the inflow now and make room at the exits; send stewards.",
    "oscillation": "The crowd moves as one body: stop the inflow now and relieve it at the edges.",
    "disorder": "Look at the picture: people move against each other. Separate the directions.",
    "rapid_movement": "Look at the picture: people run. Find out from what, keep exits free.",
    "saturated": "There are more people than can be counted. Judge by eye, or send a steward.",
    "unrated_crowd": "Judge by eye how full the place is; calibrate the camera or set a limit.",
    "blindness": "Send a steward to look, and see to the camera.",
    "score": "Look at the picture and judge the place by eye.",
}
_LEVEL_ADVICE: Final = {
    RiskLevel.CRITICAL: "Act now. ",
    RiskLevel.WARNING: "",
    RiskLevel.CAUTION: "",
    RiskLevel.SAFE: "",
}


def headline(alert: AlertView, kind: str) -> str:
    """Return one line: level, place, what is wrong."""
    what = _FAMILY_WORDS.get(alert.family, alert.family)
    if _is_unseen_location(alert):
        what = _LOCATION_UNSEEN
    if kind == "cleared":
        return f"OVER · {alert.place_name}: {what}"
    mark = " (worse)" if kind == "escalated" else ""
    return f"{alert.level}{mark} · {alert.place_name}: {what}"


def lines(
    alert: AlertView, kind: str, *, zone: tzinfo, card: ActionCard | None = None
) -> tuple[str, ...]:
    """Return the lines below the headline, most important first.

    What with number and limit, since when in the venue's time zone, how far the numbers may be
    believed, what to do, by the action card of the place too, and where to look.
    """
    if kind == "cleared":
        ended = alert.resolved_at or alert.updated_at
        over = _OVER_WORDS.get(alert.family, _BELOW)
        if _is_unseen_location(alert):
            over = _LOCATION_SEEN
        return (
            f"{over} since {local_time(ended, zone)}.",
            f"It began {local_time(alert.opened_at, zone)}; highest level {alert.peak_level}.",
            f"CrowdSafe → Alerts → incident {alert.id}",
        )
    said = tuple(cause.text for cause in alert.causes[:3] if cause.text) or (alert.message,)
    return (
        *said,
        f"Since {local_time(alert.opened_at, zone)}.",
        *_numbers(alert),
        trust_line(alert.trust, str(alert.metrics.get("trust_reason") or "")),
        f"What to do: {_what_to_do(alert)}",
        *(() if card is None else card_lines(card)),
        f"Look: CrowdSafe → Alerts → incident {alert.id}",
    )


def advice(causes: Sequence[CauseView], level: RiskLevel) -> str:
    """Return what to do about the leading cause."""
    name = causes[0].name if causes else "score"
    return _LEVEL_ADVICE[level] + _ADVICE.get(name, _ADVICE["score"])


def _what_to_do(alert: AlertView) -> str:
    level = RiskLevel[alert.level]
    if _is_unseen_location(alert):
        return _LEVEL_ADVICE[level] + _LOCATION_ADVICE
    return advice(alert.causes, level)


def _is_unseen_location(alert: AlertView) -> bool:
    return alert.location_id is not None and alert.family == AlertFamily.BLINDNESS.value


def local_time(at: datetime, zone: tzinfo) -> str:
    """Return a time as read at the venue, with its zone."""
    return at.astimezone(zone).strftime("%d %b %Y, %H:%M:%S %Z")


def trust_line(trust: str, reason: str) -> str:
    """Return how far the numbers may be believed."""
    words = {
        "ok": "The numbers are reliable.",
        "estimated": "The numbers are estimates.",
        "degraded": "The numbers are less accurate than usual.",
        "saturated": "The numbers are lower bounds: there are more people than can be counted.",
        "unknown": "The numbers are old or cannot be relied on.",
    }.get(trust, f"Trust: {trust}.")
    return f"{words} {reason}".strip()


def _numbers(alert: AlertView) -> tuple[str, ...]:
    """Return the people count and density, as far as there are any; old ones say so."""
    metrics = alert.metrics
    when = " when last seen" if alert.trust == "unknown" else ""
    found: list[str] = []
    count, low, high = (metrics.get(key) for key in ("count", "count_low", "count_high"))
    if count is not None and low is not None:
        if alert.location_id is not None:
            found.append(f"People{when}: {_location_words(count, low, high, metrics)}.")
        elif high is None:
            # nobody proven is no number worth sending
            least = f"at least {low:.0f}" if round(low) else "more than can be counted"
            found.append(f"People{when}: {least}.")
        else:
            found.append(f"People{when}: {count:.0f} ({low:.0f}–{high:.0f}).")
    density = metrics.get("peak_density_per_m2") or metrics.get("density_per_m2")
    if metrics.get("metres_trust") == Trust.UNKNOWN.value:
        density = None
    if density is not None:
        found.append(f"Density{when}: {density:.1f} people per m².")
    return tuple(found)


def _location_words(
    count: float, low: float, high: float | None, metrics: Mapping[str, Any]
) -> str:
    """Return a location's number, where it comes from and what it is to be compared with."""
    words = [f"about {count:.0f} or more"]
    if high is not None:
        words = [f"{count:.0f} ({low:.0f}–{high:.0f})"]
    source = _SOURCE_WORDS.get(str(metrics.get("source")))
    if source is not None:
        words.append(f", {source}")
    if metrics.get("capacity_limit") is not None:
        words.append(f"; it may hold {metrics['capacity_limit']}")
    return "".join(words)
