"""What the head-up display says, apart from how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust

NOT_KNOWN = "—"


@dataclass(frozen=True, slots=True)
class HudWords:
    """Every text of the display; empty where there is nothing to say.

    Attributes:
        level: None when the risk is not known (trust ``unknown``).
        held: The last level, held while the present one is not known.
    """

    name: str
    time: str
    count: str
    interval: str
    density: str
    speed: str
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
        density=_density(metrics),
        speed=_speed(metrics),
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


def count_words(metrics: CrowdMetrics) -> tuple[str, str]:
    """Return the count and what follows it.

    ("137", "(120–155) people"), ("at least 40", "people"), ("?", "people: cannot be counted")
    or ("—", "") when not known.

    "At least" is the lower end of the interval: what the picture proves; where that is nobody,
    no number is given.
    """
    if metrics.trust is Trust.UNKNOWN:
        return NOT_KNOWN, ""
    if metrics.count_high is None:
        lowest = round(metrics.count_low)
        if lowest < 1:
            return "?", "people: cannot be counted"
        return f"at least {lowest}", "person" if lowest == 1 else "people"
    count, low, high = (f"{n:.0f}" for n in (metrics.count, metrics.count_low, metrics.count_high))
    noun = "person" if count == "1" else "people"
    return count, noun if low == high else f"({low}–{high}) {noun}"


def is_calibrated(snapshot: Snapshot) -> bool:
    """Whether speeds of this snapshot are in metres per second."""
    return snapshot.metrics.mean_speed_mps is not None or any(
        track.speed_mps is not None for track in snapshot.picture.tracks
    )


def _time(snapshot: Snapshot, zone: tzinfo) -> str:
    local = snapshot.captured_at.astimezone(zone)
    stamp = local.strftime("%Y-%m-%d %H:%M:%S")
    if snapshot.is_recorded:
        minutes, seconds = divmod(int(snapshot.stream_time_s), 60)
        return f"RECORDED {minutes:02d}:{seconds:02d} · {stamp} {local.tzname()}"
    return f"{stamp} {local.tzname()}"


def _density(metrics: CrowdMetrics) -> str:
    if metrics.trust is Trust.UNKNOWN:
        return f"density {NOT_KNOWN}"
    if metrics.density_per_m2 is None:
        reason = "no area set" if metrics.area_m2 is None else "not measurable"
        return f"density {NOT_KNOWN} ({reason})"
    least = "≥ " if metrics.count_high is None else ""
    peak = metrics.peak_density_per_m2
    more = "" if peak is None else f", peak {least}{peak:.1f}"
    return f"density {least}{metrics.density_per_m2:.2f}{more} /m²"


def _speed(metrics: CrowdMetrics) -> str:
    if metrics.trust is Trust.UNKNOWN:
        return ""
    if metrics.mean_speed_mps is not None:
        return f"mean speed {metrics.mean_speed_mps:.2f} m/s"
    if metrics.mean_speed_px_per_s is not None:
        return f"mean speed {metrics.mean_speed_px_per_s:.0f} px/s (uncalibrated)"
    return ""


def _cause(risk: RiskAssessment) -> str:
    return risk.causes[0].text if risk.causes else ""


def _trust(metrics: CrowdMetrics) -> str:
    if metrics.trust is Trust.OK:
        return ""
    reason = f": {metrics.trust_reason}" if metrics.trust_reason else ""
    return f"{metrics.trust.value}{reason}"
