"""Which network counts, loaded once, and why none does."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.core.errors import ModelError, UnavailableError
from backend.vision.density.card import DensityCard
from backend.vision.density.counter import DensityCounter
from backend.vision.density.opening import OpenedNetwork, RuntimeChoice, open_density_network
from backend.vision.density.store import LOAD_WAIT_S, DensityChoice, DensityStore, Open
from tests.builders import frame
from tests.vision.density.test_network_counter import red_people
from tests.vision.density.tiny_density import save_model

Make = Callable[..., DensityStore]


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Make]:
    stores = []
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    save_model(shipped, "light")

    def made(
        model: str = "auto",
        *,
        long_px: int | None = None,
        runtime: str = "auto",
        open_network: Open = open_density_network,
        load_wait_s: float = LOAD_WAIT_S,
    ) -> DensityStore:
        choice = DensityChoice(model, long_px=long_px, runtime=RuntimeChoice(runtime=runtime))
        store = DensityStore(
            tmp_path,
            choice,
            shipped=shipped / "light.onnx",
            open_network=open_network,
            load_wait_s=load_wait_s,
        )
        stores.append(store)
        return store

    yield made
    for store in stores:
        store.close()


def count_one(counter: DensityCounter) -> float:
    return counter.count(frame(picture=red_people((3, 5)))).total


def test_the_shipped_network_counts(make_store: Make) -> None:
    store = make_store()

    assert store.is_on
    assert store.info is None
    assert count_one(store.open_counter()) == pytest.approx(1.0)
    assert store.fault == ""
    assert store.info is not None
    assert store.info.name == "tiny"
    assert store.card is not None


@pytest.mark.parametrize("model", ["square", "square.onnx", "square.json"])
def test_an_own_network_counts(make_store: Make, tmp_path: Path, model: str) -> None:
    save_model(tmp_path, "square", per_cell=2.0)

    assert count_one(make_store(model).open_counter()) == pytest.approx(2.0)


def test_the_network_is_loaded_once_for_all_threads(
    make_store: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="backend.vision.density.store")
    store = make_store()
    counts: list[float] = []
    threads = [
        threading.Thread(target=lambda: counts.append(count_one(store.open_counter())))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == pytest.approx([1.0] * 4)
    assert sum("density_model_loaded" in record.message for record in caplog.records) == 1


def test_the_size_is_the_cameras_then_the_settings_then_the_cards(make_store: Make) -> None:
    def long_side(counter: DensityCounter) -> int:
        return max(counter.info.input_hw)

    assert long_side(make_store().open_counter()) == 256
    store = make_store(long_px=512)
    assert long_side(store.open_counter()) == 512
    assert long_side(store.open_counter(long_px=1024)) == 1024


@pytest.mark.parametrize("long_px", [0, 127, 4097])
def test_a_size_out_of_range_is_refused(make_store: Make, long_px: int) -> None:
    with pytest.raises(ModelError, match="128 to 4096 pixels"):
        make_store(long_px=long_px)
    with pytest.raises(ValueError, match="128 to 4096"):
        make_store().open_counter(long_px=long_px)


def test_off_counts_nothing(make_store: Make) -> None:
    store = make_store("off")

    assert not store.is_on
    with pytest.raises(ModelError, match="switched off"):
        store.open_counter()
    assert store.fault == ""


@pytest.mark.parametrize(
    "model", ["", ".", "..", "../light", "/etc/passwd", "a/b.onnx", "a\\b", "c:d", ".hidden", "a\0"]
)
def test_a_path_is_no_model(make_store: Make, model: str) -> None:
    with pytest.raises(ModelError, match="DENSITY_MODEL must be auto, off or the name of a file"):
        make_store(model)


def test_a_missing_network_is_told_and_tried_again(make_store: Make, tmp_path: Path) -> None:
    store = make_store("square")

    with pytest.raises(ModelError, match=r"square\.json does not exist"):
        store.open_counter()
    assert "square.json does not exist" in store.fault
    assert store.info is None

    save_model(tmp_path, "square")
    assert count_one(store.open_counter()) == pytest.approx(1.0)
    assert store.fault == ""


def test_swapped_weights_never_count(make_store: Make, tmp_path: Path) -> None:
    weights = save_model(tmp_path, "square")
    save_model(tmp_path, "other", per_cell=2.0).replace(weights)
    store = make_store("square")

    with pytest.raises(ModelError, match="changed or swapped"):
        store.prepare()
    assert "square.onnx" in store.fault


def test_a_fault_is_logged_once(make_store: Make, caplog: pytest.LogCaptureFixture) -> None:
    store = make_store("square")
    for _ in range(3):
        with pytest.raises(ModelError):
            store.open_counter()

    assert sum("density_model_refused" in record.message for record in caplog.records) == 1


def test_where_it_runs_otherwise_is_said(make_store: Make) -> None:
    store = make_store(runtime="torch")

    assert store.remark == ""
    assert store.prepare().runtime == "openvino"
    assert "counted by OpenVINO" in store.remark


def test_a_closed_store_opens_nothing(make_store: Make) -> None:
    store = make_store()
    store.prepare()
    store.close()
    store.close()

    assert store.info is None
    with pytest.raises(ModelError, match="have been closed"):
        store.open_counter()


def test_the_size_told_is_that_of_any_cameras_last_picture(make_store: Make) -> None:
    store = make_store()
    lying, standing = store.open_counter(), store.open_counter()

    def told() -> tuple[int, int] | None:
        return None if store.info is None else store.info.input_hw

    assert told() == (256, 256), "nothing was counted yet: what every shape fits into"
    count_one(lying)
    assert told() == (160, 256)
    standing.count(frame(picture=red_people(hw=(256, 192))))
    assert told() == (256, 192)
    assert lying.info.input_hw == (160, 256)


@pytest.mark.parametrize("crash", [ImportError("libtbb.so.12"), OSError("ELF"), ValueError("odd")])
def test_whatever_goes_wrong_when_opening_is_a_fault_with_a_remedy(
    make_store: Make, caplog: pytest.LogCaptureFixture, crash: Exception
) -> None:
    def broken(_path: Path, _card: DensityCard, _choice: RuntimeChoice) -> OpenedNetwork:
        raise crash

    store = make_store(open_network=broken)
    for _ in range(2):
        with pytest.raises(ModelError, match=rf"light\.onnx cannot be opened .*{crash}.* install"):
            store.open_counter()

    assert str(crash) in store.fault
    assert store.info is None
    assert [bool(record.exc_info) for record in caplog.records] == [True]


class SlowOpening:
    """Opens a network once it is let go on."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.goes_on = threading.Event()
        self.opened: list[OpenedNetwork] = []

    def __call__(self, path: Path, card: DensityCard, choice: RuntimeChoice) -> OpenedNetwork:
        self.has_begun.set()
        self.goes_on.wait(10.0)
        self.opened.append(open_density_network(path, card, choice))
        return self.opened[-1]


def test_cameras_do_not_wait_for_ever_while_another_loads(make_store: Make) -> None:
    slow = SlowOpening()
    store = make_store(open_network=slow, load_wait_s=0.05)
    loading = threading.Thread(target=store.prepare, name="loading")
    loading.start()
    assert slow.has_begun.wait(10.0)

    with pytest.raises(UnavailableError, match="still being loaded"):
        store.open_counter()
    assert (store.info, store.fault, store.remark) == (None, "", "")

    slow.goes_on.set()
    loading.join(30.0)
    assert count_one(store.open_counter()) == pytest.approx(1.0)
    assert len(slow.opened) == 1


def test_closing_waits_for_no_load_and_what_was_loaded_is_let_go_of(make_store: Make) -> None:
    slow = SlowOpening()
    store = make_store(open_network=slow)
    told: list[str] = []

    def load() -> None:
        try:
            store.prepare()
        except ModelError as error:
            told.append(str(error))

    loading = threading.Thread(target=load, name="loading")
    loading.start()
    assert slow.has_begun.wait(10.0)
    store.close()
    assert loading.is_alive()

    slow.goes_on.set()
    loading.join(30.0)
    assert told == ["the density networks have been closed"]
    assert store.info is None
    with pytest.raises(UnavailableError, match="closed"):
        slow.opened[0].network.open_request((64, 64))


_COUNT_WITHOUT_TORCH = """
import sys
from pathlib import Path
sys.modules["torch"] = None  # importing it fails
from backend.vision.density.store import DensityChoice, DensityStore
from tests.builders import frame
from tests.vision.density.test_network_counter import red_people
store = DensityStore(Path(sys.argv[1]), DensityChoice("square"))
found = store.open_counter().count(frame(picture=red_people((3, 5))))
store.close()
print(round(found.total, 3))
"""


def test_counting_needs_no_torch(tmp_path: Path) -> None:
    save_model(tmp_path, "square")

    ended = subprocess.run(
        [sys.executable, "-c", _COUNT_WITHOUT_TORCH, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["1.0"]
