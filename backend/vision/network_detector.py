"""The detector every runtime and network family shares: place, run, decode, map back, merge."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from backend.core.camera import ModelInfo
from backend.core.errors import InferenceFailedError, UnavailableError
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
from backend.vision.tiled_merge import merge_tiles
from backend.vision.tiling import TilingParams, compute_tiles

logger = logging.getLogger(__name__)

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


class _Part:
    """One region of a picture on its way through the network, then what was found in it."""

    def __init__(self, request: NetworkRequest, placement: Placement, read: _Read) -> None:
        self.region = placement.region
        self._request: NetworkRequest | None = request
        self._placement = placement
        self._read = read
        self._found: Candidates | None = None
        self._failure: Exception | None = None

    def start(self, image: Image) -> None:
        """Paint the region and begin."""
        assert self._request is not None
        canvas = self._request.canvas
        if self._placement.size_wh != (canvas.shape[1], canvas.shape[0]):
            self._placement.clear_margins(canvas)  # whoever had it before placed its own picture
        self._placement.render(image, canvas)
        self._request.start()

    def found(self, timeout_s: float) -> Candidates:
        """Wait for the answer and read it; asking again is free.

        Raises:
            InferenceFailedError: There will be no answer: the network failed, or the part was
                given up.
            UnavailableError: Nothing came in time; asking again is allowed.
        """
        if self._failure is not None:
            raise self._failure
        if self._found is None:
            if self._request is None:
                raise InferenceFailedError("the detector has been closed")
            if not self._request.wait(timeout_s):
                raise UnavailableError(f"the detector gave no answer within {timeout_s:g} s")
            try:
                self._found = self._read(self._request, self._placement)
            except UnavailableError as error:
                self._failure = InferenceFailedError(str(error))
                raise self._failure from error
            except Exception as error:
                self._failure = error
                raise
            finally:
                self.give_up()
        return self._found

    def give_up(self) -> None:
        """Give the request back, read or not."""
        request, self._request = self._request, None
        if request is not None:
            request.close()


_Read: TypeAlias = Callable[[NetworkRequest, Placement], Candidates]


class _Ticket:
    """A picture under way in one or more parts (see `detector.DetectionTicket`)."""

    def __init__(self, merge: Callable[[Sequence[_Part]], Detections]) -> None:
        self.parts: list[_Part] = []
        self._merge = merge
        self._lock = threading.Lock()
        self._detections: Detections | None = None

    @property
    def is_resolved(self) -> bool:
        return self._detections is not None

    def result(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> Detections:
        with self._lock:
            if self._detections is None:
                for part in self.parts:
                    part.found(timeout_s)
                self._detections = self._merge(self.parts)
                self.parts = []
            return self._detections

    def give_up(self) -> None:
        """Give back what is still occupied; a result that was not read is lost."""
        for part in self.parts:
            try:
                part.give_up()
            except Exception:
                logger.exception("request_not_given_back")


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
        self._under_way: deque[_Ticket] = deque()
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
            device=facts.device,
            parallel=facts.parallel,
        )

    def submit(self, image: Image) -> _Ticket:
        """See `detector.Detector.submit`."""
        with self._lock:
            self._refuse_when_closed()
            self._fit_to(image)
            self._make_room()
            picture_wh = (image.shape[1], image.shape[0])
            ticket = _Ticket(lambda parts: self._collect(parts, picture_wh))
            params = self.params
            lowest = min(params.weak_confidence, params.confidence)
            try:
                self._start_all(image, self._tiles, confidence=lowest, parts=ticket.parts)
            except BaseException:
                ticket.give_up()
                raise
            self._under_way.append(ticket)
            return ticket

    def detect(self, image: Image) -> Detections:
        """See `detector.Detector.detect`."""
        return self.submit(image).result()

    def survey(self, image: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        """See `detector.Detector.survey`."""
        parts: list[_Part] = []
        with self._lock:
            self._refuse_when_closed()
            self._fit_to(image)
            try:
                self._start_all(image, regions, confidence=confidence, parts=parts)
                found = [part.found(DEFAULT_TIMEOUT_S) for part in parts]
            finally:
                for part in parts:
                    part.give_up()
        return self._merge(found, regions, (image.shape[1], image.shape[0]))

    def close(self) -> None:
        """See `detector.Detector.close`."""
        with self._lock:
            self._closed = True
            self._finish_all()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise UnavailableError("the detector has been closed")

    def _fit_to(self, image: Image) -> None:
        """Choose tiles and input size for the picture's shape."""
        shape = (image.shape[0], image.shape[1])
        if shape == self._shape:
            return
        self._finish_all()
        self._shape = shape
        whole = (0, 0, shape[1], shape[0])
        tiling = self._plan.tiling
        self._tiles = (whole,) if tiling is None else compute_tiles((shape[1], shape[0]), tiling)
        facts = self._network.info
        x0, y0, x1, y1 = self._tiles[0]
        self._input_hw = facts.fixed_hw or compute_input_hw(
            (y1 - y0, x1 - x0), self._plan.size, stride=facts.stride
        )

    def _make_room(self) -> None:
        """Wait for the oldest picture while `SLOTS` of them are under way."""
        while self._under_way and self._under_way[0].is_resolved:
            self._under_way.popleft()
        if len(self._under_way) >= SLOTS:
            self._settle(self._under_way.popleft())

    def _finish_all(self) -> None:
        """Read what is under way: its tickets keep their results."""
        while self._under_way:
            self._settle(self._under_way.popleft())

    @staticmethod
    def _settle(ticket: _Ticket) -> None:
        """Let a ticket read its answer; what went wrong is told to whoever asks it."""
        try:
            ticket.result()
        except Exception as error:  # noqa: BLE001 - kept in the ticket for whoever asks it
            logger.debug("answer_lost %s", error)
        finally:
            ticket.give_up()

    def _start_all(
        self,
        image: Image,
        regions: Sequence[Region],
        *,
        confidence: float,
        parts: list[_Part],
    ) -> None:
        """Start every region in order, appending it to ``parts``.

        No more than keep the network busy are under way: the oldest is read before one more
        is started, so that however many tiles a picture has, it needs only a few requests.
        """
        at_once = max(1, self._network.info.parallel) + 1
        for number, region in enumerate(regions):
            if number >= at_once:
                parts[number - at_once].found(DEFAULT_TIMEOUT_S)
            request = self._network.open_request(self._input_hw)
            part = _Part(
                request,
                self._place(region),
                lambda done, placement: self._decode(done, placement, confidence),
            )
            parts.append(part)
            part.start(image)

    def _place(self, region: Region) -> Placement:
        place = compute_letterbox if self._head.keeps_aspect else compute_stretch
        return place(region, self._input_hw)

    def _decode(
        self, request: NetworkRequest, placement: Placement, threshold: float
    ) -> Candidates:
        found = self._head.decode(
            request.outputs(), threshold=threshold, canvas_hw=placement.canvas_hw
        )
        return Candidates(placement.to_picture(found.boxes_xyxy), found.scores)

    def _collect(self, parts: Sequence[_Part], picture_wh: tuple[int, int]) -> Detections:
        """Join one picture's candidates into detections and weak candidates."""
        params = self.params
        found = [part.found(0.0) for part in parts]
        merged = self._merge(found, [part.region for part in parts], picture_wh)
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
        boxes, scores = merge_tiles(
            [(part.boxes_xyxy, part.scores) for part in parts],
            regions,
            picture_wh=picture_wh,
            iou=iou,
        )
        return Detections(boxes, scores)


def _suppressed(found: Candidates, iou: float) -> Candidates:
    """Return one box per person of one region, surest first."""
    kept = suppress(found.boxes_xyxy, found.scores, iou=iou)
    return Candidates(found.boxes_xyxy[kept], found.scores[kept])
