"""Models in memory: once each, shared, let go by rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ModelError
from backend.vision.heads import YoloHead
from backend.vision.model_store.opening import OpenedModel
from backend.vision.model_store.shelf import LOW_MEMORY_BYTES, ModelShelf
from backend.vision.network import NetworkInfo, NetworkRequest

PLENTY = 8 * LOW_MEMORY_BYTES
A, B, C = Path("a"), Path("b"), Path("c")


class FakeNetwork:
    """Counts how often it was closed (see `network.Network`)."""

    def __init__(self) -> None:
        self.closed = 0
        self.info = NetworkInfo("fake", "none", "f32", (64, 64), ("out",), "fake")

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        raise NotImplementedError

    def close(self) -> None:
        self.closed += 1


class Library:
    """Loads fake models and remembers how often."""

    def __init__(self) -> None:
        self.networks: dict[Path, FakeNetwork] = {}
        self.loads: list[Path] = []

    def take(self, shelf: ModelShelf, path: Path) -> OpenedModel:
        return shelf.take(path, lambda: self._load(path))

    def keep(self, shelf: ModelShelf, path: Path) -> OpenedModel:
        return shelf.keep(path, lambda: self._load(path))

    def _load(self, path: Path) -> OpenedModel:
        self.loads.append(path)
        self.networks[path] = FakeNetwork()
        return OpenedModel(self.networks[path], YoloHead((0,)))


def test_a_model_is_loaded_once_for_all_who_use_it() -> None:
    shelf, library = ModelShelf(lambda: PLENTY), Library()
    assert library.take(shelf, A) is library.take(shelf, A)
    assert library.loads == [A]
    shelf.give_back(A)
    shelf.give_back(A)
    assert library.take(shelf, A) is not None
    assert library.loads == [A], "one that nobody uses is kept for the next"


def test_of_two_unused_the_longer_unused_goes() -> None:
    shelf, library = ModelShelf(lambda: PLENTY), Library()
    for path in (A, B):
        library.take(shelf, path)
    shelf.give_back(B)
    shelf.give_back(A)
    assert shelf.loaded() == (A,)
    assert (library.networks[A].closed, library.networks[B].closed) == (0, 1)


def test_one_in_use_stays_however_little_memory_there_is() -> None:
    shelf, library = ModelShelf(lambda: 0), Library()
    library.take(shelf, A)
    library.take(shelf, A)
    library.take(shelf, B)
    shelf.give_back(A)
    assert set(shelf.loaded()) == {A, B}
    shelf.give_back(A)
    assert shelf.loaded() == (B,), "without memory to spare nothing unused is kept"


def test_the_installations_own_is_never_let_go_before_the_end() -> None:
    shelf, library = ModelShelf(lambda: 0), Library()
    library.keep(shelf, A)
    library.take(shelf, A)
    shelf.give_back(A)
    library.take(shelf, B)
    shelf.give_back(B)
    assert shelf.loaded() == (A,)
    shelf.close()
    assert library.networks[A].closed == 1 and shelf.loaded() == ()
    shelf.give_back(A)  # a camera that closes late


def test_a_failed_load_leaves_nothing() -> None:
    shelf = ModelShelf(lambda: PLENTY)

    def fail() -> OpenedModel:
        raise ModelError("broken")

    with pytest.raises(ModelError):
        shelf.take(A, fail)
    assert shelf.loaded() == ()
