"""Detection on demand around a detector that finds what it is told to find."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from backend.core.camera import CameraConfig, ModelInfo
from backend.core.clock import Clock
from backend.core.frame import Detections, Image
from backend.crowd.analyzer import CrowdAnalyzer
from backend.pipeline.picture_encoder import PictureEncoder
from backend.pipeline.ports import PipelineParts
from backend.services.detection.desk import DetectionDesk
from backend.services.detection.frame_meter import MeterParts
from backend.vision.inference.scheduler import InferenceScheduler
from backend.vision.overlay import OverlayRenderer
from tests import builders
from tests.pipeline.fakes import PARAMS, Bench, FakeSaturation, ScriptedSource, SourceShelf

PEOPLE = builders.detections((10, 20, 30, 90), (50, 20, 70, 90), confidence=0.8)


class Answer:
    """A ticket that is through."""

    def __init__(self, detections: Detections) -> None:
        self._detections = detections

    def result(self, timeout_s: float = 30.0) -> Detections:
        return self._detections


class FixedDetector:
    """Finds the same people in every picture."""

    def __init__(self, house: DetectionHouse) -> None:
        self._house = house
        self.is_closed = False

    @property
    def info(self) -> ModelInfo:
        return self._house.model

    def submit(self, image: Image) -> Answer:
        self._house.seen.append(image)
        self._house.on_submit()
        return Answer(self._house.people)

    def close(self) -> None:
        self.is_closed = True


@dataclass
class DetectionHouse:
    """Parts and desk; what the detector finds can be changed between two pictures."""

    clock: Clock
    people: Detections = PEOPLE
    model: ModelInfo = field(default_factory=builders.model_info)
    shown: list[ScriptedSource] = field(default_factory=list)
    failure: Exception | None = None
    is_dense: bool = False
    on_submit: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.bench = Bench(self.clock, SourceShelf([]))
        self.configs: list[CameraConfig] = []
        self.detectors: list[FixedDetector] = []
        self.seen: list[Image] = []
        self.scheduler = InferenceScheduler(self.clock)
        self.desk = DetectionDesk(
            MeterParts(self.parts(), lambda: PARAMS, self.clock, self.scheduler),
            PictureEncoder(OverlayRenderer()),
            confidence=0.25,
        )
        self.ending = threading.Event()

    def parts(self) -> PipelineParts:
        """Fakes but for the analyser: the count is the real one."""
        return replace(
            self.bench.parts(),
            open_detector=self._open,  # type: ignore[arg-type]
            make_saturation=lambda _detector: self._saturation(),
            make_analyzer=lambda config, params, model: CrowdAnalyzer(
                params, area_m2=config.area_m2, people_limit=None, model=model
            ),
        )

    def show(self, source: ScriptedSource) -> None:
        """The source opened next is this."""
        self.shown.append(source)
        self.bench.shelf.sources.append(source)

    @property
    def is_tidy(self) -> bool:
        """Whether everything that was opened has been closed."""
        return all(thing.is_closed for thing in (*self.detectors, *self.shown))

    def _saturation(self) -> FakeSaturation:
        fresh = FakeSaturation()
        fresh.saturated_from_s = 0.0 if self.is_dense else float("inf")
        return fresh

    def _open(self, config: CameraConfig) -> FixedDetector:
        if self.failure is not None:
            raise self.failure
        self.configs.append(config)
        self.detectors.append(FixedDetector(self))
        return self.detectors[-1]
