"""What is true right now: current numbers with their age, and the state of every camera.

Reads the latest-value mailboxes; a number older than it may be is never shown as live
(CROWD-SCIENCE section 5): it keeps its value, gets its age, trust ``unknown`` and the level
that is held for the place.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from backend.core.camera import CameraState, JobState, SourceType
from backend.core.clock import Clock
from backend.core.duration import age_words
from backend.core.risk import RiskLevel
from backend.core.snapshot import CameraStatus, Snapshot
from backend.core.trust import Trust
from backend.risk.blindness import HeldRisk, stale_after_s
from backend.services.calibration.facts import CalibrationFacts
from backend.services.camera_views import StatusView, status_view
from backend.services.metric_views import (
    MetricView,
    distrusted,
    metric_from_snapshot,
    with_level,
)
from backend.services.place_views import (
    CurrentPlacesView,
    distrusted_places,
    places_of,
    with_held_zones,
)

_ACTIVE = frozenset({CameraState.RUNNING, CameraState.RECONNECTING})
_RUNNING_JOBS = frozenset({JobState.ANALYSING})
_NO_ZONES: Mapping[int, HeldRisk] = MappingProxyType({})


class Mailboxes(Protocol):
    """The part of SnapshotBus that is read here."""

    def latest(self, camera_id: int) -> Snapshot | None:
        """Return the newest snapshot of a camera, however old."""

    def status(self, camera_id: int) -> CameraStatus | None:
        """Return the last published status of a camera."""


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the running parts need to know of a camera without asking the database.

    Attributes:
        owner_id: Whose upload it is.
        target_fps: Planned analysed frames per second; None = as many as come.
    """

    camera_id: int
    name: str
    source_type: SourceType
    owner_id: int | None
    target_fps: float | None

    @property
    def is_recorded(self) -> bool:
        """Whether this is an uploaded recording."""
        return not self.source_type.is_live

    @property
    def is_simulated(self) -> bool:
        """Whether nobody stands before this camera: what it shows is drawn."""
        return self.source_type is SourceType.SIMULATED

    def planned_interval_s(self, snapshot: Snapshot) -> float | None:
        """Seconds between two analysed frames as planned when ``snapshot`` was made.

        What the camera loses because others need the processor more is planned too, as far as
        the pipeline says so (docs/methods/inference.md). None = as many as come.
        """
        target_s = 1.0 / self.target_fps if self.target_fps else 0.0
        return max(target_s, snapshot.planned_interval_s or 0.0) or None


class LiveState:
    """Current numbers and states; every method may be called from any thread."""

    def __init__(self, *, mailboxes: Mailboxes, clock: Clock) -> None:
        self._mailboxes = mailboxes
        self._clock = clock
        self._lock = threading.Lock()
        self._facts: dict[int, CameraFacts] = {}
        self._held: dict[int, tuple[HeldRisk, Mapping[int, HeldRisk]]] = {}
        self._calibrations: dict[int, CalibrationFacts] = {}

    def remember(self, facts: CameraFacts) -> None:
        """Take note of a camera, or of its changed properties."""
        with self._lock:
            self._facts[facts.camera_id] = facts

    def forget(self, camera_id: int) -> None:
        """Drop a deleted camera."""
        with self._lock:
            self._facts.pop(camera_id, None)
            self._held.pop(camera_id, None)
            self._calibrations.pop(camera_id, None)

    def set_calibration(self, camera_id: int, facts: CalibrationFacts) -> None:
        """Take note of the calibration a camera runs with, or will run with."""
        with self._lock:
            self._calibrations[camera_id] = facts

    def note_landmarks(self, camera_id: int, version: int) -> None:
        """Take note that landmarks are stored with a version, if it still is the camera's."""
        with self._lock:
            known = self._calibrations.get(camera_id)
            if known is not None and known.version == version:
                self._calibrations[camera_id] = replace(known, has_background=True)

    def calibration(self, camera_id: int) -> CalibrationFacts:
        """Return the calibration a camera runs with."""
        with self._lock:
            return self._calibrations.get(camera_id, CalibrationFacts())

    def facts(self, camera_id: int) -> CameraFacts | None:
        """Return what is known of a camera; None once it is deleted."""
        with self._lock:
            return self._facts.get(camera_id)

    def cameras(self) -> tuple[CameraFacts, ...]:
        """Return every camera by id."""
        with self._lock:
            return tuple(self._facts[camera_id] for camera_id in sorted(self._facts))

    def set_hold(
        self, camera_id: int, held: HeldRisk, zones: Mapping[int, HeldRisk] = _NO_ZONES
    ) -> None:
        """Take note of what stands for a camera and its zones (`AlertManager`, once a second)."""
        with self._lock:
            if not held.is_unknown:
                self._held.pop(camera_id, None)
            elif camera_id in self._facts:
                self._held[camera_id] = (held, zones)

    def held(self, camera_id: int) -> tuple[HeldRisk | None, Mapping[int, HeldRisk]]:
        """Return what is held for a camera that cannot be seen, and for its zones by their id."""
        with self._lock:
            return self._held.get(camera_id, (None, _NO_ZONES))

    def latest(self, camera_id: int) -> Snapshot | None:
        """Return the newest snapshot, however old."""
        return self._mailboxes.latest(camera_id)

    def current(self, camera_id: int, *, with_places: bool = True) -> MetricView | None:
        """Return the newest numbers as far as they may be believed now; None before the first.

        Args:
            camera_id: The camera.
            with_places: Its zones and lines too; for one camera only: hundreds of them are large.
        """
        snapshot = self._mailboxes.latest(camera_id)
        facts = self.facts(camera_id)
        if snapshot is None or facts is None:
            return None
        age_s = self._clock.monotonic() - snapshot.published_mono_s
        metric = metric_from_snapshot(snapshot, age_s=age_s, with_places=with_places)
        reason = self._distrust(facts, snapshot, age_s)
        if not reason and snapshot.metrics.trust is not Trust.UNKNOWN:
            return metric
        if reason:
            return self._with_hold(distrusted(metric, reason=reason))
        return self._with_hold(metric)  # the frame itself says which of its numbers are unknown

    def places(self, camera_id: int) -> CurrentPlacesView | None:
        """Return the zones and lines of `current`, without the camera's own numbers."""
        snapshot = self._mailboxes.latest(camera_id)
        facts = self.facts(camera_id)
        if snapshot is None or facts is None:
            return None
        age_s = self._clock.monotonic() - snapshot.published_mono_s
        places = places_of(snapshot)
        reason = self._distrust(facts, snapshot, age_s)
        if reason:
            places = distrusted_places(places, reason=reason)
        if reason or snapshot.metrics.trust is Trust.UNKNOWN:
            places = with_held_zones(places, self.held(camera_id)[1])
        return CurrentPlacesView(camera_id, snapshot.run_id, max(age_s, 0.0), places)

    def as_outdated(self, metric: MetricView) -> MetricView:
        """Return stored numbers as those of a camera that has not delivered since the start."""
        age_s = max((self._clock.now() - metric.time).total_seconds(), 0.0)
        reason = "These are the last stored numbers; the camera delivers nothing now."
        return self._with_hold(distrusted(replace(metric, age_s=age_s), reason=reason))

    def is_fresh(self, camera_id: int) -> bool:
        """Return whether the newest numbers of a camera may be shown as live."""
        snapshot = self._mailboxes.latest(camera_id)
        facts = self.facts(camera_id)
        if snapshot is None or facts is None:
            return False
        age_s = self._clock.monotonic() - snapshot.published_mono_s
        return not self._distrust(facts, snapshot, age_s)

    def why_outdated(self, snapshot: Snapshot) -> str:
        """Return why what a frame says may not be taken for now, empty when it may."""
        facts = self.facts(snapshot.camera_id)
        if facts is None:
            return "This camera was deleted."
        age_s = self._clock.monotonic() - snapshot.published_mono_s
        return self._distrust(facts, snapshot, age_s)

    def status(self, camera_id: int) -> StatusView:
        """Return the camera's state, with the age of its last frame as of now."""
        status = self._mailboxes.status(camera_id)
        fault = self.calibration(camera_id).fault
        if not fault and status is not None and status.state in _ACTIVE:
            fault = status.calibration_fault
        view = status_view(status, calibration_fault=fault)
        if status is not None and status.state in _ACTIVE:
            view = replace(view, places_fault=status.places_fault)
        snapshot = self._mailboxes.latest(camera_id)
        if snapshot is None:
            return view
        age_s = max(self._clock.monotonic() - snapshot.published_mono_s, 0.0)
        return replace(view, last_frame_age_s=age_s)

    def _with_hold(self, metric: MetricView) -> MetricView:
        """Return numbers that are unknown as a whole with the level that is held for the place."""
        held, zones = self.held(metric.camera_id)
        level = max(RiskLevel[metric.risk_level], held.level if held else RiskLevel.SAFE)
        shown = replace(metric, places=with_held_zones(metric.places, zones))
        return with_level(shown, level=level, causes=held.causes if held else ())

    def _distrust(self, facts: CameraFacts, snapshot: Snapshot, age_s: float) -> str:
        """Return why the newest numbers are not current, empty when they are."""
        status = self._mailboxes.status(facts.camera_id)
        if facts.is_recorded:
            if status and status.job and status.job.state in _RUNNING_JOBS and age_s <= 60.0:
                return ""
            return "The recording is not being analysed at the moment."
        if age_s <= stale_after_s(facts.planned_interval_s(snapshot)):
            return ""
        message = f" {status.message}" if status and status.message else ""
        return f"No picture has been analysed for {age_words(age_s)}.{message}"[:250]
