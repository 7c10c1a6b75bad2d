"""What the head-up display says, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from backend.core.camera import SIMULATION_MODEL
from backend.core.measurements import CountMethod, CrowdMetrics, Quality
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust

NOT_KNOWN = "—"
UNKNOWN = "unknown"

PRESSURE_FROM_PER_M2 = 2.0
"""Crowd pressure is shown where the local density is at least this: people who walk freely
disturb one another's velocities, too, and mean nothing by it."""

_COUNTED_ON = {
    CountMethod.BOXES: "",
    CountMethod.BLEND: "counted on boxes and density map",
    CountMethod.MAP: "counted on the density map",
}


@dataclass(frozen=True, slots=True)
class NumberWords:
    """One measured number of the display.

    Attributes:
        label: What it is.
        value: Number and unit, or that it is unknown.
        note: Interval and what else belongs to it, or why it is unknown; may be empty.
    """

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HudWords:
    """Every text of the display; empty where there is nothing to say.

    Attributes:
        level: None when the risk is not known (trust ``unknown``).
        method: With what the count was made where boxes alone did not; said once, here or in the
            reason of the trust.
        held: The last level, held while the present one is not known.
        numbers: Densities, speed and pressure, those an operator needs here.
    """

    name: str
    time: str
    count: str
    interval: str
    method: str
    numbers: tuple[NumberWords, ...]
    level: RiskLevel | None
    level_word: str
    score: str
    held: str
    cause: str
    trust: Trust
    trust_text: str
    reduced: str
    frame_rate: str


def describe(snapshot: Snapshot, zone: tzinfo) -> HudWords:
    """Put a snapshot into words; times in ``zone``."""
    metrics, risk = snapshot.metrics, snapshot.risk
    unknown = metrics.trust is Trust.UNKNOWN
    count, interval = count_words(metrics)
    return HudWords(
        name=snapshot.camera_name,
        time=_time(snapshot, zone),
        count=count,
        interval=interval,
        method=_method(metrics),
        numbers=tuple(_numbers(metrics)),
        level=None if unknown else risk.level,
        level_word="UNKNOWN" if unknown else risk.level.name,
        score="" if unknown or risk.score is None else f"{risk.score:.0f}/100",
        held=f"last level {risk.level.name}" if unknown and risk.level > RiskLevel.SAFE else "",
        cause=_cause(risk),
        trust=metrics.trust,
        trust_text=_trust(metrics),
        reduced="reduced accuracy" if snapshot.model.reduced_accuracy else "",
        frame_rate="" if snapshot.fps is None else f"{snapshot.fps:.1f} fps",
    )


def quality_of(metrics: CrowdMetrics, name: str) -> Quality:
    """Return the quality of one number: its own, else the state of all."""
    return metrics.quality.get(name, Quality(metrics.trust, metrics.trust_reason))


def count_words(metrics: CrowdMetrics) -> tuple[str, str]:
    """Return the count and what follows it.

    ("137", "(120–155) people"), ("≈ 137", "(120–155) people"), ("at least 40", "people"),
    ("?", "people: cannot be counted") or ("—", "") when not known.

    "At least" is the lower end of the interval: what the picture proves; where that is nobody,
    no number is given.
    """
    trust = quality_of(metrics, "count").trust
    if trust is Trust.UNKNOWN:
        return NOT_KNOWN, ""
    if metrics.count_high is None:
        lowest = round(metrics.count_low)
        if lowest < 1:
            return "?", "people: cannot be counted"
        return f"at least {lowest}", "person" if lowest == 1 else "people"
    count, low, high = (f"{n:.0f}" for n in (metrics.count, metrics.count_low, metrics.count_high))
    noun = "person" if count == "1" else "people"
    return _about(trust) + count, noun if low == high else f"({low}–{high}) {noun}"


def counted_on(metrics: CrowdMetrics) -> str:
    """Return with what the count was made; empty where boxes count alone."""
    return _COUNTED_ON[metrics.count_method]


def is_calibrated(snapshot: Snapshot) -> bool:
    """Whether speeds of this snapshot are in metres per second."""
    picture = snapshot.picture
    return (
        picture.density is not None
        or snapshot.metrics.mean_speed_mps is not None
        or any(track.speed_mps is not None for track in picture.tracks)
    )


def number_text(value: float, quality: Quality, unit: str, *, decimals: int = 3) -> tuple[str, str]:
    """Return number and interval: ("≈ 1.1 /m²", "(0.9–1.4)"), ("at least 4.1 /m²", "").

    Two significant digits of the upper end of the interval, at most so many ``decimals``;
    saturated numbers are lower bounds.
    """
    digits = min(_digits(value if quality.high is None else quality.high), decimals)
    low, high = (
        None if end is None else _plain(end, digits) for end in (quality.low, quality.high)
    )
    if quality.trust is Trust.SATURATED and high is None:
        return f"at least {_plain(value, digits) if low is None else low} {unit}", ""
    interval = "" if low is None or high is None or low == high else f"({low}–{high})"
    return f"{_about(quality.trust)}{_plain(value, digits)} {unit}", interval


def _numbers(metrics: CrowdMetrics) -> Iterator[NumberWords]:
    """What the display says of density and motion, top to bottom."""
    calibrated = metrics.calibration_version is not None
    yield _density(metrics)
    if calibrated:
        yield from _number(metrics, "peak_density_per_m2", "peak", "/m²")
        yield from _number(metrics, "mean_speed_mps", "speed", "m/s")
    elif metrics.mean_speed_mps is not None:
        yield from _number(metrics, "mean_speed_mps", "speed", "m/s")
    elif metrics.mean_speed_px_per_s is not None and metrics.trust is not Trust.UNKNOWN:
        speed = f"{metrics.mean_speed_px_per_s:.0f} px/s"
        yield NumberWords("speed", speed, "uncalibrated")
    packed = metrics.pressure_density_per_m2
    if packed is not None and packed >= PRESSURE_FROM_PER_M2:
        for words in _number(metrics, "crowd_pressure_per_s2", "pressure", "/s²"):
            yield NumberWords(words.label, words.value, words.note or f"at {packed:.1f} /m²")


def _density(metrics: CrowdMetrics) -> NumberWords:
    quality = quality_of(metrics, "density_per_m2")
    if quality.trust is not Trust.UNKNOWN and metrics.density_per_m2 is None:
        reason = "no area set" if metrics.area_m2 is None else "not measurable"
        return NumberWords("density", NOT_KNOWN, reason)
    (words,) = _number(metrics, "density_per_m2", "density", "/m²")
    service = metrics.level_of_service
    if service is None or quality.trust is Trust.UNKNOWN:
        return words
    level = f"LOS {service.value}{' or worse' if quality.trust is Trust.SATURATED else ''}"
    return NumberWords(words.label, words.value, f"{words.note} {level}".strip())


def _number(metrics: CrowdMetrics, name: str, label: str, unit: str) -> Iterator[NumberWords]:
    """One number as it may be believed; nothing while it is not defined here."""
    quality, value = quality_of(metrics, name), getattr(metrics, name)
    if quality.trust is Trust.UNKNOWN:
        said = quality.reason in metrics.trust_reason  # below, once for all numbers
        yield NumberWords(label, UNKNOWN, "" if said else quality.reason)
    elif value is not None:
        decimals = 2 if unit == "m/s" else 3  # nobody acts on millimetres a second
        yield NumberWords(label, *number_text(value, quality, unit, decimals=decimals))


def _method(metrics: CrowdMetrics) -> str:
    """How the count was made, unless it is not known or the reason of the trust says it."""
    means = counted_on(metrics)
    is_known = quality_of(metrics, "count").trust is not Trust.UNKNOWN
    is_said = "counted on" in metrics.trust_reason
    return means if is_known and not is_said else ""


def _about(trust: Trust) -> str:
    return "" if trust is Trust.OK else "≈ "


def _plain(value: float, digits: int) -> str:
    """The rounded number; something that is not zero is not written as zero."""
    smallest = 10.0**-digits
    return f"<{smallest:.{digits}f}" if 0 < value < smallest / 2 else f"{value:.{digits}f}"


def _digits(value: float) -> int:
    """Decimals that make two significant digits; none from ten on."""
    size = abs(value)
    if size == 0 or size >= 9.95:
        return 0
    return 1 if size >= 0.995 else 2 if size >= 0.0995 else 3


def _time(snapshot: Snapshot, zone: tzinfo) -> str:
    local = snapshot.captured_at.astimezone(zone)
    stamp = local.strftime("%Y-%m-%d %H:%M:%S")
    if snapshot.is_recorded:
        minutes, seconds = divmod(int(snapshot.stream_time_s), 60)
        return f"RECORDED {minutes:02d}:{seconds:02d} · {stamp} {local.tzname()}"
    mark = "SIMULATED · " if snapshot.model.runtime == SIMULATION_MODEL.runtime else ""
    return f"{mark}{stamp} {local.tzname()}"


def _cause(risk: RiskAssessment) -> str:
    return risk.causes[0].text if risk.causes else ""


def _trust(metrics: CrowdMetrics) -> str:
    if metrics.trust is Trust.OK:
        return ""
    reason = f": {metrics.trust_reason}" if metrics.trust_reason else ""
    return f"{metrics.trust.value}{reason}"
