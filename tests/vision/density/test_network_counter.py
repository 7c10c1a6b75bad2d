"""Counting pictures with a network whose map can be worked out by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.errors import UnavailableError
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.density.card import load_card
from backend.vision.density.network_counter import CountingPlan, NetworkDensityCounter
from backend.vision.density.opening import RuntimeChoice, open_density_network
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import Network, NetworkInfo, NetworkRequest, Output
from tests.builders import frame
from tests.vision.density.tiny_density import save_card, save_model, save_network

Picture = npt.NDArray[np.uint8]
Open = Callable[..., NetworkDensityCounter]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("density"))


@pytest.fixture
def open_counter(weights: Path) -> Iterator[Open]:
    networks = []

    def opened(path: Path = weights, *, long_px: int = 256) -> NetworkDensityCounter:
        card = load_card(path)
        network = open_density_network(path, card, RuntimeChoice()).network
        networks.append(network)
        return NetworkDensityCounter(network, CountingPlan(card, long_px=long_px))

    yield opened
    for network in networks:
        network.close()


def red_people(*cells: tuple[int, int], hw: tuple[int, int] = (128, 256), cell: int = 8) -> Picture:
    """Return a picture of black and cyan (no red) with the given cells (row, column) all red."""
    picture = np.zeros((*hw, 3), np.uint8)
    picture[:, : hw[1] // 2] = (255, 255, 0)
    for row, column in cells:
        picture[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = (0, 0, 255)
    return picture


def test_people_are_counted_where_they_are(open_counter: Open) -> None:
    found = open_counter().count(
        frame(picture=red_people((3, 5), (10, 20)), stream_time_s=7.5, segment=2)
    )

    assert found.doubt == ""
    assert found.people.shape == (16, 32)
    assert found.people[3, 5] == pytest.approx(1.0)
    assert found.people[10, 20] == pytest.approx(1.0)
    assert found.total == pytest.approx(2.0)
    assert found.cell_wh_px == (8.0, 8.0)
    assert found.picture_wh == (256, 128)
    assert (found.stream_time_s, found.segment) == (7.5, 2)
    assert sorted(map(tuple, found.heads_px.tolist())) == [(44.0, 28.0), (164.0, 84.0)]


def test_what_is_known_of_the_network_comes_along(open_counter: Open, weights: Path) -> None:
    counter = open_counter()
    found = counter.count(frame(picture=red_people((3, 5))))
    card = load_card(weights)

    assert found.error == card.error
    assert found.crowded_per_cell == card.crowded_per_cell
    assert counter.info.name == "tiny"
    assert counter.info.runtime == "openvino"
    assert counter.info.precision == "f32"
    assert counter.info.stride == 8
    assert counter.info.sha256 == card.sha256
    assert counter.info.input_hw == (160, 256)


def test_a_map_cannot_be_changed(open_counter: Open) -> None:
    found = open_counter().count(frame(picture=red_people((3, 5))))

    assert not found.people.flags.writeable
    assert not found.heads_px.flags.writeable


def test_a_later_picture_leaves_an_earlier_map_alone(open_counter: Open) -> None:
    counter = open_counter()
    first = counter.count(frame(picture=red_people((3, 5))))
    counter.count(frame(picture=red_people((9, 9), (12, 12))))

    assert first.total == pytest.approx(1.0)


def test_cells_are_in_pixels_of_the_full_frame(open_counter: Open) -> None:
    picture = red_people((3, 5), (10, 20), hw=(512, 1024), cell=32)

    found = open_counter().count(frame(picture=picture))

    assert found.people.shape == (16, 32)
    assert found.total == pytest.approx(2.0, abs=0.01)
    assert found.cell_wh_px == (32.0, 32.0)
    np.testing.assert_allclose(sorted(found.heads_px.tolist()), [[176, 112], [656, 336]], atol=1)


def test_a_portrait_picture_keeps_its_shape(open_counter: Open) -> None:
    picture = np.ascontiguousarray(red_people((3, 5)).transpose(1, 0, 2))

    counter = open_counter()
    found = counter.count(frame(picture=picture))

    assert counter.info.input_hw == (256, 160)
    assert found.people.shape == (32, 16)
    assert found.people[5, 3] == pytest.approx(1.0)


def test_nobody_is_counted_beyond_the_picture(open_counter: Open) -> None:
    picture = np.zeros((118, 250, 3), np.uint8)
    picture[:, :, 1] = 200
    picture[-6:, -2:] = (0, 0, 255)

    found = open_counter(long_px=250).count(frame(picture=picture))

    # The red corner is continued over the padding; only the cell it lies in is counted.
    assert found.people.shape == (15, 32)
    assert found.total == pytest.approx(found.people[-1, -1])
    assert found.people[-1, -1] <= 1.0
    assert np.all(found.heads_px <= (250, 118))


def test_small_pictures_are_enlarged_twofold_at_most(open_counter: Open) -> None:
    picture = red_people((3, 5), hw=(80, 96), cell=4)

    found = open_counter().count(frame(picture=picture))

    assert found.cell_wh_px == (4.0, 4.0)
    assert found.people.shape == (20, 24)


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (np.zeros((240, 320, 3), np.uint8), "too dark"),
        (np.full((240, 320, 3), 255, np.uint8), "too little contrast"),
        (np.full((240, 320, 3), (0, 0, 255), np.uint8), "too little contrast"),
        (red_people(hw=(48, 640)), "too small"),
        (red_people(hw=(64, 640)), "too narrow"),
        (np.full((1, 1, 3), 200, np.uint8), "too small"),
        (np.full((1, 4000, 3), 200, np.uint8), "too small"),
    ],
)
def test_pictures_that_say_nothing_give_nobody_and_a_doubt(
    open_counter: Open, picture: Picture, told: str
) -> None:
    found = open_counter().count(frame(picture=picture))

    assert told in found.doubt
    assert found.total == 0.0
    assert found.heads_px.shape == (0, 2)
    assert not found.beyond_validation


def test_a_huge_picture_takes_little_longer(open_counter: Open) -> None:
    picture = np.zeros((6000, 8000, 3), np.uint8)
    picture[:3000] = (255, 255, 0)
    counter = open_counter()
    begun = time.monotonic()

    found = counter.count(frame(picture=picture))

    assert time.monotonic() - begun < 5.0
    assert found.doubt == ""
    assert found.people.size <= 32 * 32
    assert found.total == pytest.approx(0.0)


def test_what_is_no_number_counts_nobody_and_is_doubted(open_counter: Open, tmp_path: Path) -> None:
    path = save_network(tmp_path / "broken.onnx", breaks_above=0.9)
    save_card(path)
    picture = red_people((3, 5), (10, 20))
    picture[40:44, 40:48] = (0, 0, 255)  # half a cell is below the limit

    found = open_counter(path).count(frame(picture=picture))

    assert found.doubt == "The density network gave no number for 2 of 512 cells."
    assert np.isfinite(found.people).all()
    assert found.total == pytest.approx(0.5)
    assert found.heads_px.shape == (0, 2)


def test_negative_people_are_nobody(open_counter: Open, tmp_path: Path) -> None:
    path = save_network(tmp_path / "negative.onnx", per_cell=-1.0)
    save_card(path)

    found = open_counter(path).count(frame(picture=red_people((3, 5))))

    assert found.people.min() == 0.0
    assert found.doubt == ""


def test_a_closed_counter_counts_no_more(open_counter: Open) -> None:
    counter = open_counter()
    counter.close()
    counter.close()

    with pytest.raises(UnavailableError, match="has been closed"):
        counter.count(frame(picture=red_people((3, 5))))


class HangingNetwork:
    """The tiny network, whose answers are held back while ``answers`` is not set."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.answers = threading.Event()

    @property
    def info(self) -> NetworkInfo:
        return self._network.info

    def open_request(self, input_hw: tuple[int, int]) -> HangingRequest:
        return HangingRequest(self._network.open_request(input_hw), self.answers)

    def close(self) -> None:
        self._network.close()


class HangingRequest:
    """One of its requests; closing waits for the answer, as with every runtime."""

    def __init__(self, request: NetworkRequest, answers: threading.Event) -> None:
        self._request = request
        self._answers = answers

    @property
    def canvas(self) -> Picture:
        return self._request.canvas

    def start(self) -> None:
        self._request.start()

    def wait(self, timeout_s: float) -> bool:
        return self._answers.wait(timeout_s) and self._request.wait(5.0)

    def outputs(self) -> tuple[Output, ...]:
        return self._request.outputs()

    def close(self) -> None:
        self._answers.wait(30.0)
        self._request.close()


def test_a_network_that_hangs_is_waited_for_once_and_counts_again_when_it_answers(
    weights: Path,
) -> None:
    card = load_card(weights)
    hanging = HangingNetwork(OpenVinoNetwork(weights, precision="f32"))
    network = SharedNetwork(hanging, spare=0, lend_timeout_s=0.1)
    counter = NetworkDensityCounter(network, CountingPlan(card, long_px=256, timeout_s=0.1))
    picture = frame(picture=red_people((3, 5)))
    try:
        for _ in range(4):  # more often than there are requests
            began_s = time.monotonic()
            with pytest.raises(UnavailableError, match="answer"):
                counter.count(picture)
            assert time.monotonic() - began_s < 5.0
        hanging.answers.set()
        assert counter.count(picture).total == pytest.approx(1.0)
    finally:
        hanging.answers.set()
        network.close()


def test_the_size_of_each_input_is_told(weights: Path) -> None:
    card = load_card(weights)
    network = open_density_network(weights, card, RuntimeChoice()).network
    told: list[tuple[int, int]] = []
    counter = NetworkDensityCounter(network, CountingPlan(card, long_px=256), on_input=told.append)
    try:
        assert counter.info.input_hw == (256, 256)
        counter.count(frame(picture=red_people((3, 5))))
        counter.count(frame(picture=red_people((3, 5), hw=(256, 192))))
    finally:
        network.close()

    assert told == [(160, 256), (256, 192)]


def test_two_cameras_share_one_network(weights: Path) -> None:
    card = load_card(weights)
    network = open_density_network(weights, card, RuntimeChoice()).network
    plan = CountingPlan(card, long_px=256)
    first, second = NetworkDensityCounter(network, plan), NetworkDensityCounter(network, plan)
    try:
        first.close()
        assert second.count(frame(picture=red_people((3, 5)))).total == pytest.approx(1.0)
    finally:
        network.close()
