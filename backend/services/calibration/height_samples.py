"""Heights of people seen lately, from which a camera can be calibrated without measuring."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.core.camera import CameraState
from backend.core.frame import FloatArray
from backend.core.measurements import TrackView
from backend.core.snapshot import CameraStatus, Snapshot


@dataclass(frozen=True, slots=True)
class SampleParams:
    """Which sightings are kept, and how many.

    Attributes:
        interval_s: Stream time between two looks at a camera: a person is seen at most once in
            each of them.
        min_confidence: Of the detector.
        edge_px: A box nearer to the edge of the picture may be cut off.
        max_hidden: Share of a box that people nearer to the camera may cover.
        min_upright: Height over width of somebody who stands.
        min_step: A person is looked at again after walking so many of their own heights in the
            picture: who stands still says the same thing again and again.
        bands: Strips of the picture, by the row of the feet, that each keep their own sightings:
            the crowded part of the picture must not push out the few people seen far away.
        per_band: Sightings a band keeps; the newest.
        per_look: People looked at in one picture at most.
    """

    interval_s: float = 2.0
    min_confidence: float = 0.5
    edge_px: float = 2.0
    max_hidden: float = 0.05
    min_upright: float = 1.5
    min_step: float = 0.5
    bands: int = 24
    per_band: int = 100
    per_look: int = 40


@dataclass(frozen=True, slots=True)
class PeopleSeen:
    """Sightings of standing people.

    Attributes:
        picture_wh: Width and height of the picture, pixels.
        foot_px: (N, 2) float64, bottom centre of the box, pixels.
        height_px: (N,) float64, height of the box, pixels.
    """

    picture_wh: tuple[int, int]
    foot_px: FloatArray
    height_px: FloatArray


@dataclass(slots=True)
class _Camera:
    """What is kept of one camera."""

    picture_wh: tuple[int, int]
    bands: tuple[deque[tuple[float, float, float]], ...]
    run: tuple[int, int] = (-1, -1)
    next_s: float = 0.0
    last_foot: dict[int, tuple[float, float]] = field(default_factory=dict)
    is_moved: bool = False

    def clear(self) -> None:
        """Forget every sighting."""
        for band in self.bands:
            band.clear()


class HeightSamples:
    """Collects sightings of every camera; subscribed to snapshots and statuses of the bus.

    `take` runs on video threads: most snapshots cost it one comparison, one in two seconds of
    stream time a fraction of a millisecond. Memory is bounded: 24 × 100 sightings a camera.
    """

    def __init__(self, params: SampleParams | None = None) -> None:
        self._params = params or SampleParams()
        self._lock = threading.Lock()
        self._cameras: dict[int, _Camera] = {}
        self._looks = 0

    def take(self, snapshot: Snapshot) -> None:
        """Look at a snapshot if it is time to."""
        with self._lock:
            camera = self._camera(snapshot)
            run = (snapshot.run_id, snapshot.segment)
            if run != camera.run:
                if snapshot.is_recorded and snapshot.run_id != camera.run[0]:
                    camera.clear()  # the same people again, or another video
                camera.run, camera.next_s, camera.last_foot = run, snapshot.stream_time_s, {}
            if snapshot.stream_time_s < camera.next_s:
                return
            camera.next_s = snapshot.stream_time_s + self._params.interval_s
            self._keep(camera, snapshot.picture.tracks)

    def camera_status(self, status: CameraStatus) -> None:
        """Forget what was seen in another view: the camera was moved, or moved back."""
        is_moved = bool(status.calibration_fault)
        with self._lock:
            camera = self._cameras.get(status.camera_id)
            if camera is None or is_moved == camera.is_moved:
                return
            # a new run has not compared the view yet: its people are those of before
            if is_moved or status.state is CameraState.RUNNING:
                camera.clear()
            camera.is_moved = is_moved

    def seen(self, camera_id: int) -> PeopleSeen | None:
        """Return what has been kept of a camera; None when there is nothing."""
        with self._lock:
            camera = self._cameras.get(camera_id)
            rows = [] if camera is None else [row for band in camera.bands for row in band]
        if camera is None or not rows:
            return None
        table = np.array(rows, np.float64)
        return PeopleSeen(camera.picture_wh, table[:, :2].copy(), table[:, 2].copy())

    def forget(self, camera_id: int) -> None:
        """Drop what was seen: the camera was deleted, or shows another place from now on."""
        with self._lock:
            self._cameras.pop(camera_id, None)

    def _camera(self, snapshot: Snapshot) -> _Camera:
        camera = self._cameras.get(snapshot.camera_id)
        if camera is None or camera.picture_wh != snapshot.picture_wh:
            bands = tuple(
                deque[tuple[float, float, float]](maxlen=self._params.per_band)
                for _ in range(self._params.bands)
            )
            camera = self._cameras[snapshot.camera_id] = _Camera(snapshot.picture_wh, bands)
        return camera

    def _keep(self, camera: _Camera, tracks: tuple[TrackView, ...]) -> None:
        known = camera.last_foot
        camera.last_foot = {t.track_id: known[t.track_id] for t in tracks if t.track_id in known}
        height = camera.picture_wh[1]
        for track in self._usable(tracks, camera.picture_wh):
            left, top, right, bottom = track.box_xyxy
            foot, tall = ((left + right) / 2, bottom), bottom - top
            before = known.get(track.track_id)
            if before is not None and math.dist(foot, before) < self._params.min_step * tall:
                continue
            camera.last_foot[track.track_id] = foot
            band = min(int(foot[1] / height * len(camera.bands)), len(camera.bands) - 1)
            camera.bands[band].append((*foot, tall))

    def _usable(
        self, tracks: tuple[TrackView, ...], picture_wh: tuple[int, int]
    ) -> Iterator[TrackView]:
        """Yield those who stand in full view."""
        if not tracks:
            return
        params = self._params
        boxes = np.array([track.box_xyxy for track in tracks], np.float64)
        low, high = boxes[:, :2], boxes[:, 2:]
        size = np.maximum(high - low, 0)
        inside = (low >= params.edge_px).all(axis=1)
        inside &= (high <= np.array(picture_wh) - params.edge_px).all(axis=1)
        upright = (size[:, 1] >= params.min_upright * size[:, 0]) & (size[:, 0] > 0)
        sure = np.array([track.confidence for track in tracks]) >= params.min_confidence
        chosen = self._few_of(np.flatnonzero(inside & upright & sure))
        common = np.minimum(high[chosen, None], high) - np.maximum(low[chosen, None], low)
        covered = np.prod(np.maximum(common, 0), axis=2)
        covered[high[None, :, 1] <= high[chosen, None, 1]] = 0  # who stands behind hides nobody
        in_view = covered.sum(axis=1) <= params.max_hidden * np.prod(size[chosen], axis=1)
        for index in chosen[in_view].tolist():
            yield tracks[index]

    def _few_of(self, candidates: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return at most so many, others at every look."""
        stride = max(-(-len(candidates) // self._params.per_look), 1)
        self._looks += 1
        return candidates[self._looks % stride :: stride]
