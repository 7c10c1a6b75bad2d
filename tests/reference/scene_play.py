"""Plays a reference scene: people as boxes in a camera's picture, all the way to incidents."""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass, field
from functools import cache

from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.risk import RiskLevel
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import AlertRules, ChangeKind, IncidentChange
from backend.risk.blindness import BlindnessHold
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from tests.ground_camera import GroundCamera, rectangle
from tests.reference.scene_book import LOST_AT_S, Scene
from tests.reference.scene_crowd import SceneCrowd

EXAMINED_EVERY_S = 5.0
RATE_HZ = 2.0
RUNNING_RATE_HZ = 4.0
"""Frames a second; who runs is in view for a few seconds only."""

SLOW_RATE_HZ = 1.0
SLOW = {"critical-6.5-moving", "critical-7-still", "camera-lost-critical", "flicker-5.9-6.1"}
LONG_S = 300.0
"""These, and scenes that long in which hardly anything moves, are played at the lowest rate at
which there is a velocity, to save time. Pressure needs two frames a second: undefined."""


@dataclass(slots=True)
class Outcome:
    """What a scene led to.

    Attributes:
        metrics: Measurements of every frame.
        levels: Of the risk calculator, frame by frame.
        shown: With blindness, tick by tick.
        changes: Of incidents.
        causes_at_worst: Names of the causes that demanded the worst level shown.
        is_unknown_at_end: The place could not be seen at the end.
    """

    metrics: list[CrowdMetrics] = field(default_factory=list)
    levels: list[RiskLevel] = field(default_factory=list)
    shown: list[RiskLevel] = field(default_factory=list)
    changes: list[IncidentChange] = field(default_factory=list)
    causes_at_worst: set[str] = field(default_factory=set)
    is_unknown_at_end: bool = False

    def incidents(self) -> list[IncidentChange]:
        """The incidents opened."""
        return [change for change in self.changes if change.kind is ChangeKind.OPEN]

    def raised(self) -> list[IncidentChange]:
        """The incidents opened above mere information, or raised above it."""
        return [
            change
            for change in self.changes
            if change.kind in {ChangeKind.OPEN, ChangeKind.ESCALATE}
            and change.incident.level > RiskLevel.SAFE
        ]

    def cleared(self) -> list[IncidentChange]:
        """The incidents that ended."""
        return [change for change in self.changes if change.kind is ChangeKind.CLEAR]


class ScenePlayer:
    """One scene seen by one calibrated camera."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._crowd = SceneCrowd(scene)
        width, depth = scene.room_m
        around = self._crowd.around_m
        monitored = rectangle(0, 0, width, depth)
        walkable = rectangle(-around, -around, width + around, depth + around)
        self._camera = GroundCamera.over(walkable)
        self._analyzer = CrowdAnalyzer(
            AnalysisParams(),
            area_m2=None,
            people_limit=None,
            calibration=self._camera.calibration(monitored, walkable=walkable if around else None),
            # The tracks are the truth: nobody is missed, so nobody stands for more than one.
            recall=PERFECT_RECALL,
        )

    def measure(self, t: float) -> CrowdMetrics:
        """Measurements of the frame at ``t`` seconds."""
        is_saturated = self._scene.id == "saturated-dense"
        newest = math.floor(t / EXAMINED_EVERY_S) * EXAMINED_EVERY_S
        evidence = SaturationEvidence(is_saturated, "Beyond the counter." * is_saturated, 0.5, t)
        metrics, _ = self._analyzer.update(
            self._camera.tracks(*self._crowd.at(t)),
            FrameFacts(
                stream_time_s=t,
                segment=0,
                picture_wh=self._camera.picture_wh,
                saturation=evidence if t == newest else None,
            ),
        )
        return metrics


@cache
def play(scene: Scene) -> Outcome:
    """Play a scene through analyser, risk, blindness and incident rules."""
    # Thousands of people a frame make the collector look through everything else time and again.
    gc.freeze()
    try:
        return _play(scene)
    finally:
        gc.unfreeze()


def _play(scene: Scene) -> Outcome:
    rate_hz = RUNNING_RATE_HZ if scene.speed_mps > 2 else RATE_HZ
    if scene.id in SLOW or scene.duration_s >= LONG_S:
        rate_hz = SLOW_RATE_HZ
    player = ScenePlayer(scene)
    risk = RiskCalculator(RiskParams(), people_limit=None)
    rules, hold = AlertRules(AlertParams()), BlindnessHold()
    outcome = Outcome()
    lost_at_s = LOST_AT_S.get(scene.id, math.inf)
    for k in range(round(scene.duration_s * rate_hz)):
        t = k / rate_hz
        if t < lost_at_s:
            metrics = player.measure(t)
            found = risk.update(metrics, stream_time_s=t, segment=0)
            outcome.metrics.append(metrics)
            outcome.levels.append(found.level)
            outcome.changes += rules.observe(found, trust=metrics.trust, at_s=t)
            hold.observe(found, trust=metrics.trust, mono_s=t, planned_interval_s=1 / rate_hz)
        held = hold.tick(mono_s=t)
        outcome.changes += rules.tick(held, at_s=t)
        outcome.is_unknown_at_end = held.is_unknown
        if held.level > max(outcome.shown, default=RiskLevel.SAFE):
            outcome.causes_at_worst = set()
        outcome.shown.append(held.level)
        if held.level is max(outcome.shown):
            outcome.causes_at_worst |= {
                cause.name for cause in held.causes if cause.level is held.level
            }
    return outcome
