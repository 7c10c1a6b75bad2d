"""Builds the reference scenes: what a calibrated camera would measure, and what comes of it.

Every scene is people at metre positions. Density is the Gaussian kernel density of
CROWD-SCIENCE section 2, written here a second time and in closed form for a rectangle (the wall
correction is a product of error functions), so that it is an oracle and not the code under test.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.special import erf

from backend.core.frame import FloatArray
from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.crowd.counting import YOLO_RECALL, estimate_count
from backend.crowd.motion import MOVING_SPEED_MPS, flow_order
from backend.crowd.surge import SurgeWindow
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import AlertRules, ChangeKind, IncidentChange
from backend.risk.blindness import BlindnessHold
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams

RATE_HZ = 5.0
PEOPLE_AT: dict[str, Callable[[float], int]] = {
    "two-to-three": lambda t: 2 if t < 60 else 3,
    "critical-brief": lambda t: 700 if 20 <= t < 21 else 100,
    "flicker-5.9-6.1": lambda t: 590 if int(t) % 2 else 610,
    "surge-20-30": lambda t: round(min(max(20 + 10 * (t - 70) / 20, 20), 30)),
    "surge-100-160": lambda t: round(min(max(100 + 60 * (t - 70) / 20, 100), 160)),
    "recover": lambda t: 700 if t < 30 else 100,
    "saturated-dense": lambda t: 10,
}
"""Number of people over time where a scene's description tells a story."""

LOST_AT_S = {"camera-lost-empty": 60.0, "camera-lost-caution": 60.0, "camera-lost-critical": 60.0}


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of scenes.csv."""

    id: str
    area_m2: float
    people: str
    arrangement: str
    motion: str
    speed_mps: float
    duration_s: float
    expected_level: str
    expect_incident: str
    expected_cause: str

    def people_at(self, t: float) -> int:
        """People in view at ``t`` seconds."""
        profile = PEOPLE_AT.get(self.id)
        return profile(t) if profile else int(self.people)

    @property
    def room_m(self) -> tuple[float, float]:
        """Width and depth of the place."""
        width = 1.2 if self.id == "critical-passage" else math.sqrt(self.area_m2)
        return width, self.area_m2 / width


def read_scenes(text: Iterable[str]) -> list[Scene]:
    """Parse scenes.csv."""
    return [
        Scene(
            id=row["id"],
            area_m2=float(row["area_m2"]),
            people=row["people"],
            arrangement=row["arrangement"],
            motion=row["motion"],
            speed_mps=float(row["speed_mps"]),
            duration_s=float(row["duration_s"]),
            expected_level=row["expected_level"],
            expect_incident=row["expect_incident"],
            expected_cause=row["expected_cause"],
        )
        for row in csv.DictReader(text)
    ]


def kernel_density(people: FloatArray, at: FloatArray, room_m: tuple[float, float]) -> FloatArray:
    """Gaussian density (R = 1 m) at points ``at``, corrected for the walls of a rectangle."""
    apart = ((at[:, None] - people[None]) ** 2).sum(axis=2)
    raw = np.exp(-apart).sum(axis=1) / math.pi
    inside = np.ones(len(at))
    for axis, length in enumerate(room_m):
        inside *= (erf(length - at[:, axis]) + erf(at[:, axis])) / 2
    return np.asarray(raw / inside)


@cache
def _peak_density(scene: Scene, n: int) -> float:
    people = positions(scene, n)
    if n == 0:
        return 0.0
    width, depth = scene.room_m
    grid = np.stack(
        np.meshgrid(np.arange(0, width + 0.01, 0.5), np.arange(0, depth + 0.01, 0.5)), axis=-1
    ).reshape(-1, 2)
    return float(kernel_density(people, np.concatenate([grid, people]), scene.room_m).max())


def positions(scene: Scene, n: int) -> FloatArray:
    """Where ``n`` people stand, (n, 2) metres."""
    width, depth = scene.room_m
    if n == 0:
        return np.zeros((0, 2))
    if scene.arrangement.startswith("cluster"):
        size = 10.0 if scene.arrangement == "cluster" else float(scene.arrangement.split()[1])
        side = math.sqrt(size)
        return _rows(n, side, side) + np.array([(width - side) / 2, (depth - side) / 2])
    if scene.arrangement in {"lattice", "lanes"}:
        return _rows(n, width, depth)
    return _scattered(n, width, depth)


def _rows(n: int, width: float, depth: float) -> FloatArray:
    """A lattice of rows as equally filled as they can be."""
    rows = max(round(math.sqrt(n * depth / width)), 1)
    ends = np.linspace(0, n, rows + 1).round().astype(int)
    return np.array(
        [
            ((k + 0.5) * width / (stop - start), (row + 0.5) * depth / rows)
            for row, (start, stop) in enumerate(pairwise(ends))
            for k in range(stop - start)
        ]
    ).reshape(-1, 2)


def _scattered(n: int, width: float, depth: float) -> FloatArray:
    """At random about evenly spread places: a crowd of the stated density everywhere.

    People thrown down independently clump: 1.6 people/m² then peaks at 3.8 and more
    (docs/methods/scenes.md), which is not what the descriptions say.
    """
    spacing = math.sqrt(width * depth / n)
    jitter = np.random.default_rng(7).uniform(-0.2 * spacing, 0.2 * spacing, (n, 2))
    return np.clip(_rows(n, width, depth) + jitter, 0, (width, depth))


def velocities_of(scene: Scene, n: int, t: float) -> FloatArray:
    """Velocities of ``n`` people, (n, 2) metres per second."""
    rng = np.random.default_rng(11)
    speed = np.full(n, scene.speed_mps)
    angle = {
        "uniform": lambda: np.zeros(n),
        "counter": lambda: np.where(np.arange(n) % 2, 0.0, math.pi),
        "orbit 18 s": lambda: np.full(n, 2 * math.pi * t / 18),
    }.get(scene.motion, lambda: rng.uniform(-math.pi, math.pi, n))()
    return np.stack([speed * np.cos(angle), speed * np.sin(angle)], axis=1)


@dataclass(slots=True)
class Measured:
    """Measures one scene over time as CROWD-SCIENCE defines it."""

    scene: Scene
    surge: SurgeWindow = field(default_factory=SurgeWindow)
    still_since_s: float | None = None

    def at(self, t: float) -> CrowdMetrics:
        """Metrics at ``t``."""
        scene = self.scene
        n = scene.people_at(t)
        velocity = velocities_of(scene, n, t)
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        order = flow_order(velocity[speed > MOVING_SPEED_MPS])
        peak = _peak_density(scene, n)
        mean_speed = float(speed.mean()) if n else None
        interval = estimate_count(
            np.full(n, 0.8), np.full(n, 60.0), np.zeros(n, np.bool_), table=YOLO_RECALL
        )
        margin = interval.high - interval.count
        surge = self.surge.update(n, margin, stream_time_s=t)
        saturated = scene.id == "saturated-dense"
        return CrowdMetrics(
            count=n,
            count_low=n - margin,
            count_high=None if saturated else n + margin,
            area_m2=scene.area_m2,
            density_per_m2=n / scene.area_m2,
            peak_density_per_m2=peak,
            mean_speed_mps=mean_speed,
            disorder=order.disorder if order else None,
            coherence=order.coherence if order else None,
            rapid_count=int((speed > 2.5).sum()),
            stagnant=self._stagnant(peak, mean_speed, t),
            surge=surge.relative if surge else None,
            surge_significant=surge.is_significant if surge else False,
            trust=Trust.SATURATED if saturated else Trust.OK,
        )

    def _stagnant(self, peak: float, mean_speed: float | None, t: float) -> bool:
        if mean_speed is None or peak < 2 or mean_speed >= 0.2:
            self.still_since_s = None
            return False
        if self.still_since_s is None:
            self.still_since_s = t
        return t - self.still_since_s >= 10


@dataclass(slots=True)
class Outcome:
    """What a scene led to."""

    levels: list[RiskLevel]
    shown: list[RiskLevel]
    changes: list[IncidentChange]
    causes_at_worst: set[str]
    is_unknown_at_end: bool

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


def play(scene: Scene) -> Outcome:
    """Play a scene through risk, blindness and incident rules."""
    measured = Measured(scene)
    risk = RiskCalculator(RiskParams(), people_limit=None)
    rules, hold = AlertRules(AlertParams()), BlindnessHold()
    outcome = Outcome([], [], [], set(), False)
    lost_at_s = LOST_AT_S.get(scene.id, math.inf)
    for k in range(round(scene.duration_s * RATE_HZ)):
        t = k / RATE_HZ
        if t < lost_at_s:
            metrics = measured.at(t)
            found = risk.update(metrics, stream_time_s=t, segment=0)
            outcome.levels.append(found.level)
            outcome.changes += rules.observe(found, trust=metrics.trust, at_s=t)
            hold.observe(found, trust=metrics.trust, mono_s=t, planned_interval_s=1 / RATE_HZ)
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
