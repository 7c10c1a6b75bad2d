"""The detector every runtime and network family shares: place, run, decode, map back, merge."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from backend.core.camera import ModelInfo
from backend.core.errors import UnavailableError
from backend.core.frame import Detections, Image
from backend.vision.detector import SLOTS, DetectorParams, Region
from backend.vision.filters import compute_plausible
from backend.vision.heads import Candidates, Head
from backend.vision.network import Network, NetworkRequest
from backend.vision.nms import suppress
from backend.vision.preprocess import (
    Placement,
    compute_input_hw,
    compute_letterbox,
    compute_stretch,
)
from backend.vision.tiling import TilingParams, compute_cut, compute_tiles, merge_tiles

DEFAULT_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    """How pictures are fed to one network.

    Attributes:
        params: Thresholds.
        size: Long side of the network's input in pixels, where the graph leaves it free.
        tiling: Cut the picture like this; None = the whole picture at once.
        reduced_accuracy: True for the fallback network.
        remedy: What to do about it.
    """

    params: DetectorParams
    size: int = 960
    tiling: TilingParams | None = None
    reduced_accuracy: bool = False
    remedy: str = ""


class _Slot:
    """One request and the placement its canvas was last painted for."""

    def __init__(self, request: NetworkRequest) -> None:
        self.request = request
        self._placement: Placement | None = None

    def start(self, image: Image, placement: Placement) -> None:
        previous = self._placement
        if previous is None or (previous.offset_xy, previous.size_wh) != (
            placement.offset_xy,
            placement.size_wh,
        ):
            placement.clear_margins(self.request.canvas)
        self._placement = placement
        placement.render(image, self.request.canvas)
        self.request.start()

    @property
    def placement(self) -> Placement:
        assert self._placement is not None, "asked for before the first start"
        return self._placement


class _Ticket:
    """A picture under way in one or more slots (see `detector.DetectionTicket`)."""

    def __init__(
        self, slots: Sequence[_Slot], collect: Callable[[Sequence[_Slot]], Detections]
    ) -> None:
        self._slots: Sequence[_Slot] = slots
        self._collect = collect
        self._lock = threading.Lock()
        self._detections: Detections | None = None

    @property
    def is_resolved(self) -> bool:
        return self._detections is not None

    def result(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> Detections:
        with self._lock:
            if self._detections is None:
                for slot in self._slots:
                    if not slot.request.wait(timeout_s):
                        raise _no_answer(timeout_s)
                self._detections = self._collect(self._slots)
                self._slots = ()
            return self._detections


def _no_answer(timeout_s: float) -> UnavailableError:
    return UnavailableError(f"the detector gave no answer within {timeout_s:g} s")


class NetworkDetector:
    """One camera's handle on a shared `Network` (implements `detector.Detector`).

    Args:
        network: Compiled network, shared; stays open when this handle closes.
        head: Reads the network's outputs.
        plan: Thresholds, input size and tiling.
    """

    def __init__(self, network: Network, head: Head, plan: DetectorPlan) -> None:
        self._network = network
        self._head = head
        self._plan = plan
        self._lock = threading.Lock()
        self._shape: tuple[int, int] | None = None
        self._tiles: tuple[Region, ...] = ()
        self._input_hw = network.info.fixed_hw or (plan.size, plan.size)
        self._under_way: deque[tuple[_Ticket, tuple[_Slot, ...]]] = deque()
        self._survey_slots: list[_Slot] = []
        self._closed = False

    @property
    def params(self) -> DetectorParams:
        """The thresholds in force."""
        return self._plan.params

    @property
    def info(self) -> ModelInfo:
        """Which network produces the numbers, as it runs for the last picture's shape."""
        facts = self._network.info
        return ModelInfo(
            name=facts.name,
            runtime=facts.runtime,
            precision=facts.precision,
            input_hw=self._input_hw,
            tiles=max(1, len(self._tiles)),
            reduced_accuracy=self._plan.reduced_accuracy,
            remedy=self._plan.remedy,
            path=facts.path,
        )

    def submit(self, image: Image) -> _Ticket:
        """See `detector.Detector.submit`."""
        with self._lock:
            self._refuse_when_closed()
            self._fit_to(image)
            slots = self._take_slots()
            for slot, region in zip(slots, self._tiles, strict=True):
                slot.start(image, self._place(region))
            picture_wh = (image.shape[1], image.shape[0])
            ticket = _Ticket(slots, lambda done: self._collect(done, picture_wh))
            self._under_way.append((ticket, slots))
            return ticket

    def detect(self, image: Image) -> Detections:
        """See `detector.Detector.detect`."""
        return self.submit(image).result()

    def survey(self, image: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        """See `detector.Detector.survey`."""
        with self._lock:
            self._refuse_when_closed()
            self._fit_to(image)
            while len(self._survey_slots) < min(SLOTS, len(regions)):
                self._survey_slots.append(_Slot(self._network.open_request(self._input_hw)))
            slots = deque(self._survey_slots)
            found: list[Candidates] = []
            busy: deque[_Slot] = deque()
            for region in regions:
                if not slots:
                    slots.append(busy.popleft())
                    found.append(self._decode_survey(slots[0], confidence))
                slot = slots.popleft()
                slot.start(image, self._place(region))
                busy.append(slot)
            found.extend(self._decode_survey(slot, confidence) for slot in busy)
        return self._merge(found, regions, (image.shape[1], image.shape[0]))

    def close(self) -> None:
        """See `detector.Detector.close`."""
        with self._lock:
            self._closed = True
            self._release_slots()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise UnavailableError("the detector has been closed")

    def _fit_to(self, image: Image) -> None:
        """Choose tiles and input size for the picture's shape; slots follow a change of it."""
        shape = (image.shape[0], image.shape[1])
        if shape == self._shape:
            return
        self._release_slots()
        self._shape = shape
        whole = (0, 0, shape[1], shape[0])
        tiling = self._plan.tiling
        self._tiles = (whole,) if tiling is None else compute_tiles((shape[1], shape[0]), tiling)
        facts = self._network.info
        self._input_hw = facts.fixed_hw or compute_input_hw(
            shape, self._plan.size, stride=facts.stride
        )

    def _take_slots(self) -> tuple[_Slot, ...]:
        """Return slots, one for each tile: idle ones, new ones up to `SLOTS` pictures, oldest."""
        if self._under_way:
            ticket, slots = self._under_way[0]
            if ticket.is_resolved or len(self._under_way) >= SLOTS:
                ticket.result()
                self._under_way.popleft()
                return slots
        return tuple(_Slot(self._network.open_request(self._input_hw)) for _ in self._tiles)

    def _release_slots(self) -> None:
        """Finish what is under way (its tickets keep their results) and close every request."""
        while self._under_way:
            ticket, slots = self._under_way.popleft()
            ticket.result()
            for slot in slots:
                slot.request.close()
        for slot in self._survey_slots:
            slot.request.close()
        self._survey_slots.clear()

    def _place(self, region: Region) -> Placement:
        place = compute_letterbox if self._head.keeps_aspect else compute_stretch
        return place(region, self._input_hw)

    def _decode(self, slot: _Slot, threshold: float) -> Candidates:
        found = self._head.decode(
            slot.request.outputs(), threshold=threshold, canvas_hw=self._input_hw
        )
        return Candidates(slot.placement.to_picture(found.boxes_xyxy), found.scores)

    def _decode_survey(self, slot: _Slot, confidence: float) -> Candidates:
        if not slot.request.wait(DEFAULT_TIMEOUT_S):
            raise _no_answer(DEFAULT_TIMEOUT_S)
        return self._decode(slot, confidence)

    def _collect(self, slots: Sequence[_Slot], picture_wh: tuple[int, int]) -> Detections:
        """Decode one picture's outputs into detections and weak candidates."""
        params = self.params
        lowest = min(params.weak_confidence, params.confidence)
        found = [self._decode(slot, lowest) for slot in slots]
        merged = self._merge(found, [slot.placement.region for slot in slots], picture_wh)
        plausible = compute_plausible(merged.boxes_xyxy, params.filters, picture_wh=picture_wh)
        strong = merged.confidence >= params.confidence
        return Detections(
            merged.boxes_xyxy[plausible & strong],
            merged.confidence[plausible & strong],
            weak=Detections(
                merged.boxes_xyxy[plausible & ~strong], merged.confidence[plausible & ~strong]
            ),
        )

    def _merge(
        self, found: Sequence[Candidates], regions: Sequence[Region], picture_wh: tuple[int, int]
    ) -> Detections:
        """Join the candidates of all regions, one box per person, surest first."""
        if not found:
            return Detections.empty()
        iou = self.params.iou
        parts = [_suppressed(part, iou) for part in found]
        if len(parts) == 1:
            return Detections(parts[0].boxes_xyxy, parts[0].scores)
        boxes = np.concatenate([part.boxes_xyxy for part in parts])
        scores = np.concatenate([part.scores for part in parts])
        cut = np.concatenate(
            [
                compute_cut(part.boxes_xyxy, region, picture_wh)
                for part, region in zip(parts, regions, strict=True)
            ]
        )
        tile = np.repeat(np.arange(len(parts)), [len(part.scores) for part in parts])
        kept = merge_tiles(boxes, scores, cut=cut, tile=tile, iou=iou)
        return Detections(boxes[kept], scores[kept])


def _suppressed(found: Candidates, iou: float) -> Candidates:
    """Return one box per person of one region, surest first."""
    kept = suppress(found.boxes_xyxy, found.scores, iou=iou)
    return Candidates(found.boxes_xyxy[kept], found.scores[kept])
