"""Requests that are borrowed: never more than there are, and nobody locks anybody out."""

from __future__ import annotations

import threading
import time

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.errors import UnavailableError
from backend.vision.detector import DetectorParams
from backend.vision.heads import YoloHead
from backend.vision.inference.shared_network import MAX_SIZES, SPARE, SharedNetwork
from backend.vision.network import NetworkInfo
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams
from tests.builders import image


class EchoRequest:
    """Answers with one box in the middle of the canvas, its score the canvas's brightness."""

    def __init__(self, network: EchoNetwork, input_hw: tuple[int, int]) -> None:
        self._network = network
        self.canvas: npt.NDArray[np.uint8] = np.zeros((*input_hw, 3), np.uint8)
        self._answer = np.zeros((1, 5, 1), np.float32)
        self.starts = 0
        self.is_closed = False
        self.closed = threading.Event()

    def start(self) -> None:
        self.starts += 1
        height, width = self.canvas.shape[:2]
        score = float(self.canvas.max()) / 255
        self._answer[0, :, 0] = (width / 2, height / 2, width / 4, height / 4, score)

    def wait(self, timeout_s: float) -> bool:
        return self._network.answers.wait(min(timeout_s, 5.0))

    def outputs(self) -> tuple[npt.NDArray[np.float32], ...]:
        if self._network.failure is not None:
            raise self._network.failure
        return (self._answer,)

    def close(self) -> None:
        if self.starts:
            self._network.answers.wait(5.0)  # as every runtime does
        self.is_closed = True
        self.closed.set()


class EchoNetwork:
    """Opens echoing requests; they answer only while ``answers`` is set."""

    def __init__(self, *, parallel: int = 2) -> None:
        self.info = NetworkInfo(
            "echo", "openvino", "f32", None, ("output0",), "echo.onnx", parallel=parallel
        )
        self.requests: list[EchoRequest] = []
        self.answers = threading.Event()
        self.answers.set()
        self.failure: Exception | None = None
        self.is_closed = False

    def open_request(self, input_hw: tuple[int, int]) -> EchoRequest:
        self.requests.append(EchoRequest(self, input_hw))
        return self.requests[-1]

    def close(self) -> None:
        self.is_closed = True


SIZE = (32, 32)


def detector(network: SharedNetwork, *, columns: int = 1, rows: int = 1) -> NetworkDetector:
    tiling = TilingParams(
        tile_wh=(400 // columns, 300 // rows),
        overlap=0.0,
        max_along_long=columns,
        max_along_short=rows,
    )
    return NetworkDetector(network, YoloHead((0,)), DetectorPlan(DetectorParams(), 64, tiling))


def test_a_request_that_came_back_is_lent_again() -> None:
    network = EchoNetwork()
    shared = SharedNetwork(network)
    for _ in range(5):
        request = shared.open_request(SIZE)
        request.start()
        assert request.wait(1.0)
        assert request.outputs()[0].shape == (1, 5, 1)
        request.close()
        request.close()
    assert [request.starts for request in network.requests] == [5]


def test_each_input_size_has_requests_of_its_own_and_old_sizes_are_let_go() -> None:
    network = EchoNetwork()
    shared = SharedNetwork(network)
    kept = shared.open_request((32, 32))
    for side in range(2, MAX_SIZES + 2):
        shared.open_request((32 * side, 32)).close()
    assert not network.requests[0].is_closed, "it is lent"
    kept.close()
    assert network.requests[0].is_closed
    assert sum(request.is_closed for request in network.requests) == 1


def test_no_more_requests_are_made_than_can_be_used_and_the_oldest_answer_makes_room() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network)
    lent = []
    for number in range(10):
        request = shared.open_request(SIZE)
        request.canvas[...] = 10 * number
        request.start()
        lent.append(request)
    assert len(network.requests) == shared.capacity == 1 + SPARE
    for number, request in enumerate(lent):
        assert request.wait(1.0)
        assert request.outputs()[0][0, 4, 0] == pytest.approx(10 * number / 255)
        request.close()
    again = [shared.open_request(SIZE) for _ in range(shared.capacity)]
    assert len({id(request.canvas) for request in again}) == shared.capacity


def test_a_failure_is_heard_by_the_borrower_it_belongs_to() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network, spare=0)
    failing = shared.open_request(SIZE)
    failing.start()
    network.failure = ValueError("out of memory")
    healthy = shared.open_request(SIZE)
    network.failure = None
    healthy.start()
    assert len(healthy.outputs()) == 1
    with pytest.raises(ValueError, match="out of memory"):
        failing.outputs()
    failing.close()


def test_a_request_given_up_unread_is_free_again() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network, spare=0)
    first = shared.open_request(SIZE)
    first.start()
    first.close()
    shared.open_request(SIZE).close()
    assert len(network.requests) == 1
    with pytest.raises(ValueError, match="one picture"):
        first.start()


def hung(shared: SharedNetwork, network: EchoNetwork, *, wait_s: float = 0.0) -> None:
    """Start a picture that is not answered, and give it up."""
    network.answers.clear()
    request = shared.open_request(SIZE)
    request.start()
    assert not request.wait(wait_s)
    began_s = time.monotonic()
    request.close()
    request.close()
    assert time.monotonic() - began_s < 1.0, "giving back waits for nothing"


def test_a_request_that_never_answered_is_lent_again_only_once_it_has() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network, spare=1, lend_timeout_s=5.0)
    hung(shared, network)

    other = shared.open_request(SIZE)
    assert len(network.requests) == 2, "the runtime may still write into the first one"
    network.answers.set()
    again = shared.open_request(SIZE)

    assert len(network.requests) == 2
    assert again.canvas is network.requests[0].canvas
    other.close()
    again.close()


def test_while_all_requests_hang_nobody_is_kept_waiting() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network, spare=0, lend_timeout_s=0.8)
    hung(shared, network, wait_s=0.85)
    began_s = time.monotonic()

    with pytest.raises(UnavailableError, match="does not answer"):
        shared.open_request(SIZE)
    assert time.monotonic() - began_s < 0.7

    network.answers.set()
    shared.open_request(SIZE).close()
    assert len(network.requests) == 1


def test_closing_waits_for_no_answer_and_the_request_is_let_go_of_with_it() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network)
    hung(shared, network)
    given_up_later = shared.open_request(SIZE)
    given_up_later.start()
    began_s = time.monotonic()

    shared.close()
    given_up_later.close()

    assert time.monotonic() - began_s < 1.0
    assert not any(request.is_closed for request in network.requests)
    network.answers.set()
    assert all(request.closed.wait(5.0) for request in network.requests)


def test_a_closed_network_lends_nothing_and_closes_what_comes_back() -> None:
    network = EchoNetwork()
    shared = SharedNetwork(network)
    out = shared.open_request(SIZE)
    shared.close()
    assert network.is_closed
    out.close()
    assert network.requests[0].is_closed
    with pytest.raises(UnavailableError, match="closed"):
        shared.open_request(SIZE)


def test_two_cameras_of_twelve_tiles_share_three_requests() -> None:
    network = EchoNetwork(parallel=1)
    shared = SharedNetwork(network)
    cameras = [detector(shared, columns=4, rows=3) for _ in range(2)]
    found: list[int] = []

    def watch(camera: NetworkDetector) -> None:
        for _ in range(5):
            tickets = [camera.submit(image(width=400, height=300, value=255)) for _ in range(3)]
            found.extend(len(ticket.result()) for ticket in tickets)

    threads = [threading.Thread(target=watch, args=(camera,), name="tiled") for camera in cameras]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [12] * 30
    assert len(network.requests) <= shared.capacity


def test_a_camera_that_does_not_ask_for_its_answer_keeps_nobody_waiting() -> None:
    network = EchoNetwork()
    shared = SharedNetwork(network)
    idle, busy = detector(shared), detector(shared)
    forgotten = [idle.submit(image(width=400, height=300, value=255)) for _ in range(3)]
    for _ in range(20):
        assert len(busy.detect(image(width=400, height=300, value=255))) == 1
    assert len(network.requests) <= shared.capacity
    assert [len(ticket.result()) for ticket in forgotten] == [1, 1, 1]


def test_a_detector_holds_no_request_between_pictures() -> None:
    network = EchoNetwork()
    shared = SharedNetwork(network)
    cameras = [detector(shared) for _ in range(16)]
    for camera in cameras:
        camera.detect(image(width=400, height=300, value=255))
    assert len(network.requests) == 1
    regions = [(x, 0, x + 100, 300) for x in range(0, 400, 100)] * 3
    picture = image(width=400, height=300, value=255)
    assert len(cameras[0].survey(picture, regions, confidence=0.1)) == 4
    assert len(network.requests) <= shared.capacity
