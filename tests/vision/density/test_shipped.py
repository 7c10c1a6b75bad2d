"""The density network in the repository: complete, small, and it counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.core.observation import CrowdMap
from backend.vision.density.card import load_card
from backend.vision.density.store import SHIPPED, DensityStore
from tests.builders import frame
from training.textures import make_texture


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DensityStore]:
    opened = DensityStore(tmp_path_factory.mktemp("models"))
    yield opened
    opened.close()


def count_clip(store: DensityStore, path: Path) -> CrowdMap:
    video = cv2.VideoCapture(str(path))
    try:
        is_read, picture = video.read()
    finally:
        video.release()
    assert is_read
    return store.open_counter().count(frame(picture=np.asarray(picture, np.uint8)))


def test_its_card_is_complete_and_speaks_of_it() -> None:
    card = load_card(SHIPPED)

    assert card.name == "crowdsafe-light"
    assert card.stride == 8
    assert {"shanghaitech-a", "shanghaitech-b"} <= set(card.results)
    assert SHIPPED.with_suffix(".md").is_file()
    assert SHIPPED.stat().st_size <= 4_000_000


def test_an_empty_picture_with_contrast_holds_about_nobody(store: DensityStore) -> None:
    slope = np.tile(np.linspace(0, 255, 768).astype(np.uint8), (432, 1))

    found = store.open_counter().count(frame(picture=np.repeat(slope[..., None], 3, axis=2)))

    assert found.doubt == ""
    assert found.total < 3.0


@pytest.mark.assets
@pytest.mark.parametrize(
    ("clip", "least", "most"),
    [
        ("street-night-dense.mp4", 80, 350),
        ("stadium-stand-dense.mp4", 120, 500),
        ("one-by-one-person-detection.mp4", 0, 8),
        ("concourse-high.mp4", 0, 40),
    ],
)
def test_clips_are_counted_about_right(
    store: DensityStore, assets: Path, clip: str, least: float, most: float
) -> None:
    found = count_clip(store, assets / "videos" / clip)

    assert found.doubt == ""
    assert least <= found.total <= most


def test_what_is_only_as_fine_as_a_crowd_is_none(store: DensityStore) -> None:
    counter = store.open_counter()
    totals = [
        counter.count(frame(picture=make_texture(576, np.random.default_rng([77, seed])))).total
        for seed in range(24)
    ]

    assert np.mean(totals) < 5.0
    assert sum(total > 10.0 for total in totals) <= 2
