"""The live settings: what an administrator may change while cameras run, and its limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from backend.core.errors import InvalidInputError
from backend.crowd.params import AnalysisParams
from backend.risk.alert_params import AlertParams
from backend.risk.params import RiskParams


class Kind(StrEnum):
    """What a value is, and so how it is typed in."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the name of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSetting:
    """One live setting.

    Attributes:
        key: As in the API and the database; parameters carry their field's name.
        section: Heading it stands under on the settings page.
        title, effect: For people: what it is, and what changing it does.
        unit: As text, empty where there is none.
        minimum, maximum: Inclusive bounds of a number; of a text's length in characters.
        default: None where there is nothing to fall back on.
    """

    key: str
    section: str
    title: str
    effect: str
    kind: Kind = Kind.NUMBER
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    default: Any = None

    def parse(self, value: object) -> Any:
        """Return ``value`` in this setting's type, within its bounds.

        Raises:
            InvalidInputError: What was expected and what came; a secret is never quoted.
        """
        if self.kind in {Kind.TEXT, Kind.SECRET}:
            return self._parse_text(value)
        if self.kind is Kind.BOOLEAN:
            if not isinstance(value, bool):
                raise self._wrong(f"expected true or false, got {value!r}")
            return value
        return self._parse_number(value)

    def _parse_number(self, value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(f"expected a number, got {value!r}")
        if not math.isfinite(value):
            raise self._wrong(f"expected a finite number, got {value!r}")
        if self.kind is Kind.INTEGER and int(value) != value:
            raise self._wrong(f"expected a whole number, got {value!r}")
        if self.minimum is not None and value < self.minimum:
            raise self._wrong(f"must be at least {self.minimum:g} {self.unit}".rstrip())
        if self.maximum is not None and value > self.maximum:
            raise self._wrong(f"must be at most {self.maximum:g} {self.unit}".rstrip())
        return int(value) if self.kind is Kind.INTEGER else float(value)

    def _parse_text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong("expected text")
        text = value.strip()
        if not text or not text.isprintable():
            raise self._wrong("expected one line of text; use null to remove it")
        if self.maximum is not None and len(text) > self.maximum:
            raise self._wrong(f"may have at most {self.maximum:g} characters")
        return text

    def _wrong(self, what: str) -> InvalidInputError:
        return InvalidInputError(f"{self.title}: {what}.", field=self.key)


_CROWD: Final = "Measurement"
_LIMITS: Final = "Limits of density and risk"
_ALERTS: Final = "Alerts"
_TELEGRAM: Final = "Telegram"
_MAP: Final = "Map"

_ANALYSIS_KEYS: Final = tuple(item.name for item in fields(AnalysisParams))
_RISK_KEYS: Final = tuple(item.name for item in fields(RiskParams))
_ALERT_KEYS: Final = tuple(item.name for item in fields(AlertParams))


def _defaults() -> dict[str, Any]:
    """Default of every parameter, from the dataclasses that own them."""
    return {
        item.name: item.default
        for owner in (AlertParams, RiskParams, AnalysisParams)
        for item in fields(owner)
        if item.default is not MISSING
    }


def _setting(key: str, section: str, title: str, effect: str, **rest: Any) -> LiveSetting:
    return LiveSetting(
        key=key, section=section, title=title, effect=effect, default=_defaults().get(key), **rest
    )


def _band(key: str, title: str, level: str, *, density: bool) -> LiveSetting:
    rest: dict[str, Any] = {"unit": "people/m²", "minimum": 0.1, "maximum": 20.0}
    what = "people per square metre"
    if not density:
        rest, what = {"unit": "%", "minimum": 1.0, "maximum": 100.0}, "the risk score"
    return _setting(
        key, _LIMITS, title, f"From this value of {what} on, a place is at least {level}.", **rest
    )


REGISTRY: Final[tuple[LiveSetting, ...]] = (
    _band("density_caution", "Density for caution", "CAUTION", density=True),
    _band("density_warning", "Density for warning", "WARNING", density=True),
    _band("density_critical", "Density for critical", "CRITICAL", density=True),
    _band("risk_caution", "Risk for caution", "CAUTION", density=False),
    _band("risk_warning", "Risk for warning", "WARNING", density=False),
    _band("risk_critical", "Risk for critical", "CRITICAL", density=False),
    _setting(
        "sustain_critical_s",
        _LIMITS,
        "Confirmation of critical",
        "How long a value must stay above its limit before the level becomes CRITICAL.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
    ),
    _setting(
        "sustain_other_s",
        _LIMITS,
        "Confirmation of caution and warning",
        "How long a value must stay above its limit before the level becomes CAUTION or WARNING.",
        unit="s",
        minimum=0.0,
        maximum=300.0,
    ),
    _setting(
        "hold_fraction",
        _LIMITS,
        "Hysteresis",
        "A level is held until the value falls below this share of its limit.",
        minimum=0.5,
        maximum=1.0,
    ),
    _setting(
        "reset_s",
        _LIMITS,
        "Reset of the confirmation",
        "How long a value must stay below that share before its confirmation starts afresh.",
        unit="s",
        minimum=0.0,
        maximum=600.0,
    ),
    _setting(
        "cluster_eps_px",
        _CROWD,
        "Cluster radius, uncalibrated",
        "People closer than this belong to one congestion cluster where the camera is not "
        "calibrated (pixels of a picture 1280 px wide; scaled to the real one).",
        unit="px",
        minimum=5.0,
        maximum=2000.0,
    ),
    _setting(
        "cluster_eps_m",
        _CROWD,
        "Cluster radius",
        "People closer than this on the ground belong to one congestion cluster "
        "(calibrated cameras).",
        unit="m",
        minimum=0.1,
        maximum=20.0,
    ),
    _setting(
        "cluster_min_samples",
        _CROWD,
        "Smallest cluster",
        "How many people make a cluster.",
        kind=Kind.INTEGER,
        unit="people",
        minimum=1,
        maximum=100,
    ),
    _setting(
        "anomaly_velocity_zscore",
        _CROWD,
        "Unusual speed",
        "Robust z-score of speed above which a person counts as anomalous.",
        minimum=0.5,
        maximum=20.0,
    ),
    _setting(
        "coherence_window",
        _CROWD,
        "Coherence window",
        "How many samples, 0.2 s apart, coherence and disorder are averaged over.",
        kind=Kind.INTEGER,
        unit="samples",
        minimum=1,
        maximum=600,
    ),
    _setting(
        "proximity_threshold_px",
        _CROWD,
        "Proximity, uncalibrated",
        "Two people closer than this are a proximity pair where the camera is not calibrated "
        "(pixels of a picture 1280 px wide; scaled to the real one).",
        unit="px",
        minimum=1.0,
        maximum=2000.0,
    ),
    _setting(
        "proximity_threshold_m",
        _CROWD,
        "Proximity",
        "Two people closer than this on the ground are a proximity pair (calibrated cameras).",
        unit="m",
        minimum=0.1,
        maximum=20.0,
    ),
    _setting(
        "optical_flow",
        _CROWD,
        "Always measure motion by optical flow",
        "Calibrated cameras measure speed, order and oscillation on the motion of the picture "
        "always, not only where people can no longer be told apart. Costs about 10 ms of "
        "processor time for each frame.",
        kind=Kind.BOOLEAN,
    ),
    _setting(
        "ema_alpha",
        _CROWD,
        "Weight of the newest second",
        "How quickly the trends of density and risk follow: 1 follows at once.",
        minimum=0.01,
        maximum=1.0,
    ),
    _setting(
        "cooldown_s",
        _ALERTS,
        "Pause between incidents",
        "How long after an incident the same kind does not open again at that place, "
        "unless it is CRITICAL or more severe.",
        unit="s",
        minimum=0.0,
        maximum=86400.0,
    ),
    _setting(
        "clear_s",
        _ALERTS,
        "All-clear",
        "How long a place must be back to normal before its incident clears or is lowered.",
        unit="s",
        minimum=1.0,
        maximum=86400.0,
    ),
    LiveSetting(
        key="telegram_bot_token",
        section=_TELEGRAM,
        title="Bot token",
        effect="Alerts are sent through this Telegram bot. Stored encrypted, never shown again.",
        kind=Kind.SECRET,
        maximum=200,
    ),
    LiveSetting(
        key="telegram_chat_id",
        section=_TELEGRAM,
        title="Chat id",
        effect="The person, group (negative number) or @channel that alerts are sent to.",
        kind=Kind.TEXT,
        maximum=64,
    ),
    LiveSetting(
        key="map_tiles_url",
        section=_MAP,
        title="Address of map tiles",
        effect="Pictures of an online map, for locations on the earth: an https address with "
        "{z}, {x} and {y}. Empty: off, nothing is loaded from another host. With an address, the "
        "browsers of all who open the map ask that server, which learns their network address "
        "and what part of the map they look at.",
        kind=Kind.TEXT,
        maximum=500,
    ),
    LiveSetting(
        key="map_tiles_attribution",
        section=_MAP,
        title="Whose map it is",
        effect="Shown on the map, as the provider of the tiles demands it.",
        kind=Kind.TEXT,
        maximum=200,
    ),
)

BY_KEY: Final[Mapping[str, LiveSetting]] = {setting.key: setting for setting in REGISTRY}

_params = {*_ANALYSIS_KEYS, *_RISK_KEYS, *_ALERT_KEYS}
_written = {setting.key for setting in REGISTRY if setting.kind not in {Kind.TEXT, Kind.SECRET}}
if _params != _written:
    raise RuntimeError(f"parameters and settings differ: {sorted(_params ^ _written)}")


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """All live settings in force at one moment."""

    analysis: AnalysisParams = field(default_factory=AnalysisParams)
    risk: RiskParams = field(default_factory=RiskParams)
    alerts: AlertParams = field(default_factory=AlertParams)
    telegram_bot_token: str | None = field(default=None, repr=False)
    telegram_chat_id: str | None = None
    map_tiles_url: str | None = None
    map_tiles_attribution: str | None = None


def parse_environment(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the defaults given in the environment, checked alone and together.

    Raises:
        InvalidInputError: A value is out of bounds or contradicts another one.
    """
    parsed = {key: BY_KEY[key].parse(value) for key, value in values.items() if key in BY_KEY}
    build_live_settings(parsed)
    return parsed


def build_live_settings(values: Mapping[str, Any]) -> LiveSettings:
    """Return the settings with ``values`` in force, defaults elsewhere.

    Raises:
        InvalidInputError: Values that are legal alone contradict each other, for instance a
            warning limit below the caution limit.
    """

    def pick(keys: tuple[str, ...]) -> dict[str, Any]:
        return {key: values[key] for key in keys if key in values}

    try:
        analysis = AnalysisParams(**pick(_ANALYSIS_KEYS))
        risk = RiskParams(**pick(_RISK_KEYS))
        alerts = AlertParams(**pick(_ALERT_KEYS))
    except ValueError as error:
        text = str(error)
        raise InvalidInputError(
            f"{text[:1].upper()}{text[1:]}.", field=_blamed(text, values)
        ) from error
    return LiveSettings(
        analysis=analysis,
        risk=risk,
        alerts=alerts,
        telegram_bot_token=values.get("telegram_bot_token"),
        telegram_chat_id=values.get("telegram_chat_id"),
        map_tiles_url=values.get("map_tiles_url"),
        map_tiles_attribution=values.get("map_tiles_attribution"),
    )


def _blamed(text: str, values: Mapping[str, Any]) -> str:
    """Return the key an error of the parameters is about: one it names, or one it may mean."""
    group = text.split(" ", 1)[0]
    named = (key for key in BY_KEY if key in text)
    meant = (key for key in values if key.startswith(f"{group}_"))
    return next(named, "") or next(meant, "")
