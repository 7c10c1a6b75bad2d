"""One video through the pipeline without server or database: files out."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.cli.analysis_summary import AnalysisSummary
from backend.cli.annotated_video import AnnotatedVideo
from backend.cli.metrics_csv import MetricsCsv
from backend.cli.places_csv import PlacesCsv
from backend.core.calibration import Calibration
from backend.core.camera import CameraConfig, CameraState, SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import CrowdSafeError, InvalidInputError
from backend.core.frame import Frame
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.video_processor import VideoProcessor
from backend.vision.density.counter import DensityModelInfo
from backend.vision.overlay import OverlayRenderer

VIDEO_NAME, METRICS_NAME, SUMMARY_NAME = "annotated.mp4", "metrics.csv", "summary.json"
PLACES_NAME = "places.csv"
_SCHEMES = {
    "rtsp": SourceType.RTSP,
    "rtsps": SourceType.RTSP,
    "http": SourceType.HTTP,
    "https": SourceType.HTTP,
}


class AnalysisFailedError(CrowdSafeError):
    """The video could not be analysed to its end; the message says why."""


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """What to analyse.

    Attributes:
        spec: The source; a local file is a recording of which every frame is analysed.
        shown_as: The source as it may be shown and stored, without credentials.
        out: Existing folder for the results.
        area_m2, people_limit, calibration, places: As for a camera.
        with_video: Whether the annotated video is made.
        longest_s: Stream time after which it is left, None for its end.
        recorded_at: Start of a recording; None stamps it from now.
    """

    spec: SourceSpec
    shown_as: str
    out: Path
    area_m2: float | None = None
    people_limit: int | None = None
    calibration: Calibration | None = None
    places: CameraPlaces = field(default_factory=CameraPlaces)
    with_video: bool = True
    longest_s: float | None = None
    recorded_at: datetime | None = None


def parse_source(text: str, *, true_fps: float | None) -> SourceSpec:
    """Return what ``text`` names: an rtsp(s) or http(s) URL, else a local file.

    Raises:
        InvalidInputError: Another scheme, or no such file.
    """
    scheme, separator, _ = text.partition("://")
    if separator:
        source_type = _SCHEMES.get(scheme.lower())
        if source_type is None:
            known = ", ".join(f"{name}://" for name in _SCHEMES)
            raise InvalidInputError(f"{scheme}:// cannot be opened. Use {known} or a file.")
        return SourceSpec(source_type, text, true_fps=true_fps)
    path = Path(text).expanduser()
    if not path.is_file():
        raise InvalidInputError(f"There is no file {text!r}.")
    return SourceSpec(SourceType.UPLOAD, str(path.resolve()), true_fps=true_fps)


class HeadlessAnalysis:
    """Runs one `VideoProcessor` on a thread of its own and writes down what it finds.

    Results replace older ones of the same name only when they are complete.

    Args:
        request: What to analyse.
        parts: Factories of the stages.
        params: Measurement and risk.
        renderer: Draws the video.
        clock: Both clocks.
        limits: Time limits.
        density_model: The density network behind ``parts``, for the summary; None without one.
    """

    def __init__(
        self,
        request: AnalysisRequest,
        *,
        parts: PipelineParts,
        params: PipelineParams,
        renderer: OverlayRenderer,
        clock: Clock,
        limits: ProcessorLimits | None = None,
        density_model: DensityModelInfo | None = None,
    ) -> None:
        self._request = request
        self._density_model = density_model
        self._stop = threading.Event()
        self._writing_error: OSError | None = None
        self._summary = AnalysisSummary()
        self._folder = Path(tempfile.mkdtemp(prefix=".analysis-", dir=request.out))
        self._csv = MetricsCsv(self._folder / METRICS_NAME)
        self._places_csv: PlacesCsv | None = None
        if request.places.zones or request.places.lines:
            self._places_csv = PlacesCsv(self._folder / PLACES_NAME)
        self._video: AnnotatedVideo | None = None
        if request.with_video:
            self._video = AnnotatedVideo(self._folder, renderer=renderer, clock=clock)
        config = CameraConfig(
            camera_id=0,
            name=Path(request.shown_as).name or request.shown_as,
            spec=request.spec,
            area_m2=request.area_m2,
            people_limit=request.people_limit,
            calibration=request.calibration,
            places=request.places,
        )
        shared = SharedParts(
            parts=parts,
            outlet=self,
            clock=clock,
            wait_for_room=self._wait_for_room,
            limits=limits or ProcessorLimits(),
        )
        self._processor = VideoProcessor(
            config,
            run_id=1,
            shared=shared,
            params=params,
            recorded_at=request.recorded_at,
            on_change=self._leave_lost_stream,
        )
        self._lost_message = ""
        self._thread = threading.Thread(
            target=self._processor.run, args=(self._stop,), name="video-0", daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it has come."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self, timeout_s: float = 30.0) -> bool:
        """End early, keeping what was found; return whether the thread ended."""
        self._stop.set()
        return self.wait(timeout_s)

    def status(self) -> CameraStatus:
        """Return how far it has come."""
        return self._processor.status()

    @property
    def summary(self) -> AnalysisSummary:
        """What was found so far; only after the end."""
        return self._summary

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        """Write one analysed frame down (called by the processor)."""
        try:
            self._csv.add(snapshot)
            if self._places_csv is not None:
                self._places_csv.add(snapshot)
        except OSError as error:
            self._writing_error = error
            self._stop.set()
            return
        self._summary.add(snapshot)
        if self._video is not None:
            self._video.add(snapshot, frame)
        longest_s = self._request.longest_s
        if longest_s is not None and snapshot.stream_time_s >= longest_s:
            self._stop.set()

    def finish(self) -> list[Path]:
        """After the end: complete the files and put them into place.

        Returns:
            The files written.

        Raises:
            AnalysisFailedError: It did not come to its end. What was found is there all the
                same, unless there was nothing.
        """
        try:
            self._csv.close()
            if self._places_csv is not None:
                self._places_csv.close()
            video = None if self._video is None else self._video.close()
            self._check_something_was_found()
            files = [self._place(self._folder / METRICS_NAME, METRICS_NAME)]
            if self._places_csv is not None:
                files.append(self._place(self._folder / PLACES_NAME, PLACES_NAME))
            if video is not None:
                files.append(self._place(video, VIDEO_NAME))
            files.append(self._write_summary())
        except OSError as error:
            raise AnalysisFailedError(f"The results cannot be written: {error}") from error
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._check_it_was_complete()
        return files

    def _check_something_was_found(self) -> None:
        if self._writing_error is not None:
            raise self._writing_error
        if not self._summary.frames:
            raise AnalysisFailedError(
                self.status().message or self._lost_message or "No frame was analysed."
            )

    def _check_it_was_complete(self) -> None:
        if self.status().state is CameraState.FAILED:
            raise AnalysisFailedError(self.status().message)
        if self._video is not None and self._video.missing_frames:
            raise AnalysisFailedError(
                f"{self._video.missing_frames} frames are missing from the video. "
                f"{self._video.trouble}".strip()
            )

    def _place(self, made: Path, name: str) -> Path:
        return made.replace(self._request.out / name)

    def _write_summary(self) -> Path:
        status = self.status()
        text: dict[str, Any] = {
            "source": self._request.shown_as,
            "ended_as": status.state.value,
            "message": self._lost_message or status.message,
            "area_m2": self._request.area_m2,
            "people_limit": self._request.people_limit,
            "true_fps": self._request.spec.true_fps,
            "video": None if status.source is None else asdict(status.source),
            "model": None if status.model is None else asdict(status.model),
            "density_model": None if self._density_model is None else asdict(self._density_model),
            "dropped_frames": status.dropped_frames,
            **self._summary.as_json(),
        }
        made = self._folder / SUMMARY_NAME
        made.write_text(json.dumps(text, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return self._place(made, SUMMARY_NAME)

    def _wait_for_room(self, timeout_s: float) -> bool:
        return self._video is None or self._video.wait_for_room(timeout_s)

    def _leave_lost_stream(self) -> None:
        """A stream that is lost is over: nobody waits at the terminal for it to come back."""
        status = self._processor.status()
        if status.state is CameraState.RECONNECTING and not self._stop.is_set():
            self._lost_message = status.message.partition(" Trying again")[0]
            self._stop.set()
