"""The detector on a network of our own making: exact boxes, tiles, slots and closing."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.errors import InferenceFailedError, UnavailableError
from backend.vision.detector import SLOTS, DetectorParams
from backend.vision.filters import BoxFilterParams
from backend.vision.heads import YoloHead
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import NetworkInfo
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams
from tests.builders import image


class BrightSpotRequest:
    """Answers with one box round all bright pixels of its canvas, score = brightness."""

    def __init__(self, network: BrightSpotNetwork, input_hw: tuple[int, int]) -> None:
        self._network = network
        self.canvas: npt.NDArray[np.uint8] = np.zeros((*input_hw, 3), np.uint8)
        self._answer = np.zeros((1, 5, 1), np.float32)
        self.closed = False

    def start(self) -> None:
        rows, columns = np.nonzero(self.canvas[..., 0] > 150)
        self._answer = np.zeros((1, 5, 1), np.float32)
        if rows.size:
            x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
            score = float(self.canvas[rows, columns, 0].max()) / 255
            self._answer[0, :, 0] = ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, score)

    def wait(self, timeout_s: float) -> bool:
        return self._network.answers.wait(min(timeout_s, 0.5))

    def outputs(self) -> tuple[npt.NDArray[np.float32], ...]:
        return (self._answer,)

    def close(self) -> None:
        self.closed = True


class BrightSpotNetwork:
    """Finds one bright spot in every picture; answers only while ``answers`` is set."""

    def __init__(self, *, fixed_hw: tuple[int, int] | None = (64, 64)) -> None:
        self.info = NetworkInfo("spot", "openvino", "f32", fixed_hw, ("output0",), "spot.onnx")
        self.requests: list[BrightSpotRequest] = []
        self.answers = threading.Event()
        self.answers.set()

    def open_request(self, input_hw: tuple[int, int]) -> BrightSpotRequest:
        self.requests.append(BrightSpotRequest(self, input_hw))
        return self.requests[-1]

    def close(self) -> None:
        """Nothing to let go of."""


def _picture(
    *spots: tuple[int, int, int, int], width: int = 128, height: int = 128, value: int = 255
) -> npt.NDArray[np.uint8]:
    picture = image(width=width, height=height, value=0)
    for x0, y0, x1, y1 in spots:
        picture[y0:y1, x0:x1] = value
    return picture


def _detector(network: BrightSpotNetwork, **plan: object) -> NetworkDetector:
    fields: dict[str, object] = {"params": DetectorParams()}
    return NetworkDetector(SharedNetwork(network), YoloHead((0,)), DetectorPlan(**(fields | plan)))  # type: ignore[arg-type]


def test_boxes_are_in_picture_pixels() -> None:
    network = BrightSpotNetwork()
    found = _detector(network).detect(_picture((32, 16, 48, 64)))
    assert found.boxes_xyxy == pytest.approx(np.array([[32, 16, 48, 64]]), abs=2)
    assert found.confidence == pytest.approx([1.0])


def test_weak_candidates_are_kept_apart() -> None:
    network = BrightSpotNetwork()
    params = DetectorParams(confidence=0.8, weak_confidence=0.5)
    found = _detector(network, params=params).detect(_picture((32, 16, 48, 64), value=170))
    assert len(found) == 0
    assert found.weak is not None and found.weak.confidence == pytest.approx([2 / 3])


def test_filters_apply_in_picture_pixels() -> None:
    params = DetectorParams(filters=BoxFilterParams(min_area_px=2000.0))
    small = _detector(BrightSpotNetwork(), params=params).detect(_picture((32, 16, 48, 64)))
    large = _detector(BrightSpotNetwork(), params=params).detect(_picture((32, 16, 80, 64)))
    assert (len(small), len(large)) == (0, 1)


def test_black_picture_has_nobody() -> None:
    found = _detector(BrightSpotNetwork()).detect(_picture())
    assert len(found) == 0 and found.boxes_xyxy.shape == (0, 4)


def test_tiles_find_two_people_and_count_one_on_the_seam_once() -> None:
    tiling = TilingParams(tile_wh=(64, 128), overlap=0.25, max_along_long=2, max_along_short=1)
    detector = _detector(BrightSpotNetwork(), tiling=tiling)
    both = detector.detect(_picture((4, 20, 20, 60), (108, 20, 124, 60)))
    seam = detector.detect(_picture((58, 20, 68, 60)))
    assert (len(both), len(seam)) == (2, 1)
    assert detector.info.tiles == 2


def test_free_input_follows_the_picture() -> None:
    network = BrightSpotNetwork(fixed_hw=None)
    detector = _detector(network, size=128)
    detector.detect(_picture(width=256, height=100))
    assert detector.info.input_hw == (64, 128)
    detector.detect(_picture(width=100, height=256))
    assert detector.info.input_hw == (128, 64)


def test_several_pictures_under_way_keep_their_own_answers() -> None:
    network = BrightSpotNetwork()
    detector = _detector(network)
    tickets = [
        detector.submit(_picture((x, 10, x + 20, 60)))
        for x in (0, 20, 40, 60, 80)  # more than SLOTS: the oldest is waited for
    ]
    lefts = [float(ticket.result().boxes_xyxy[0, 0]) for ticket in tickets]
    assert lefts == pytest.approx([0, 20, 40, 60, 80], abs=2)
    assert len(network.requests) <= SLOTS
    assert tickets[0].result() is tickets[0].result()


def test_one_request_is_enough_for_one_picture_at_a_time() -> None:
    network = BrightSpotNetwork()
    detector = _detector(network)
    for _ in range(5):
        detector.detect(_picture((8, 8, 40, 40)))
    assert len(network.requests) == 1


def test_no_answer_in_time_can_be_asked_for_again() -> None:
    network = BrightSpotNetwork()
    network.answers.clear()
    ticket = _detector(network).submit(_picture((8, 8, 40, 40)))
    with pytest.raises(UnavailableError, match="no answer"):
        ticket.result(0.01)
    network.answers.set()
    assert len(ticket.result(0.1)) == 1


def test_survey_looks_into_regions_without_size_filters() -> None:
    detector = _detector(
        BrightSpotNetwork(), params=DetectorParams(filters=BoxFilterParams(min_area_px=1e6))
    )
    regions = [(0, 0, 64, 64), (64, 0, 128, 64), (0, 64, 64, 128), (64, 64, 128, 128)]
    found = detector.survey(_picture((10, 10, 20, 30), (70, 70, 80, 90)), regions, confidence=0.02)
    corners = sorted(found.boxes_xyxy[:, :2].round().tolist())
    assert corners == [[10, 10], [70, 70]]
    assert len(detector.survey(_picture(), [], confidence=0.02)) == 0


def test_close_answers_what_is_under_way_and_refuses_more() -> None:
    network = BrightSpotNetwork()
    detector = _detector(network)
    ticket = detector.submit(_picture((8, 8, 40, 40)))
    detector.close()
    detector.close()
    assert len(ticket.result()) == 1
    with pytest.raises(UnavailableError, match="closed"):
        detector.detect(_picture())


def test_senseless_thresholds_are_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        DetectorParams(confidence=0.0)


class FailingNetwork(BrightSpotNetwork):
    """Refuses every picture while ``failure`` is set, as a processor out of memory does."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = UnavailableError("out of memory")

    def open_request(self, input_hw: tuple[int, int]) -> BrightSpotRequest:
        self.requests.append(FailingRequest(self, input_hw))
        return self.requests[-1]


class FailingRequest(BrightSpotRequest):
    def outputs(self) -> tuple[npt.NDArray[np.float32], ...]:
        network = self._network
        assert isinstance(network, FailingNetwork)
        if network.failure is not None:
            raise network.failure
        return super().outputs()


@pytest.mark.parametrize("failure", [UnavailableError("out of memory"), RuntimeError("broken")])
def test_a_picture_the_network_failed_on_has_failed_for_good(failure: Exception) -> None:
    network = FailingNetwork()
    network.failure = failure
    detector = _detector(network)
    ticket = detector.submit(_picture())
    kind = InferenceFailedError if isinstance(failure, UnavailableError) else RuntimeError
    for _ in range(2):
        with pytest.raises(kind, match=str(failure)):
            ticket.result()
    network.failure = None
    assert len(detector.detect(_picture((32, 16, 48, 64)))) == 1, "the next picture is another one"


def test_closing_after_a_failure_lets_go_of_everything() -> None:
    network = FailingNetwork()
    detector = _detector(network)
    tickets = [detector.submit(_picture()) for _ in range(SLOTS)]
    detector.close()
    detector.close()
    for ticket in tickets:
        with pytest.raises(InferenceFailedError):
            ticket.result()
