"""DeepSORT's appearance network: exported once, checked, all or nothing."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.deepsort_embedder import INPUT_HW, LENGTH, bundled_weights
from backend.vision.adapters.deepsort_job import load_network
from backend.vision.adapters.deepsort_job import main as run_job
from backend.vision.appearance_model import FOLDER, GRAPH, AppearanceStore, is_complete
from backend.vision.model_store.programs import Programs
from tests.builders import boxes

BOXES = boxes((10, 10, 60, 140), (100.5, 20.2, 150, 200), (600, 300, 700, 500), (-20, -5, 30, 90))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A models folder into which the network has been exported, the way a camera does it."""
    folder = tmp_path_factory.mktemp("installation") / "models"
    _store(folder).open_embedder()
    yield folder
    shutil.rmtree(folder)


def _store(folder: Path, *, weights: Path | None = None, stopped: bool = False) -> AppearanceStore:
    stop = threading.Event()
    if stopped:
        stop.set()
    programs = Programs(folder.parent / "ultralytics", stop)
    return AppearanceStore(folder, programs, precision="f32", weights=weights)


def _picture() -> np.ndarray:
    noise = np.random.default_rng(2).integers(0, 256, (48, 64, 3), np.uint8)
    return cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)


def test_the_export_leaves_one_folder_and_is_not_made_twice(models: Path) -> None:
    assert [entry.name for entry in models.iterdir()] == [FOLDER]
    assert is_complete(models / FOLDER)
    # with programs stopped nothing could be exported any more
    _store(models, stopped=True).open_embedder()


def test_it_says_what_the_original_says(models: Path) -> None:
    import torch  # noqa: PLC0415 - heavy

    picture = _picture()
    looks = _store(models).open_embedder().embed(picture, BOXES[:3])
    rows, columns = INPUT_HW
    whole = [(10, 10, 60, 140), (100, 20, 150, 200), (600, 300, 640, 480)]
    crops = [cv2.resize(picture[y1:y2, x1:x2], (columns, rows)) for x1, y1, x2, y2 in whole]
    rgb = np.stack(crops)[..., ::-1].astype(np.float32) / 255
    normal = (rgb - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    batch = torch.from_numpy(np.ascontiguousarray(normal.transpose(0, 3, 1, 2), np.float32))
    with torch.no_grad():
        original = load_network(bundled_weights())(batch).numpy()
    assert ((looks * original).sum(axis=1) > 0.999).all()


def test_looks_are_unit_vectors_in_any_number(models: Path) -> None:
    embedder = _store(models).open_embedder()
    assert embedder.embed(_picture(), boxes()).shape == (0, LENGTH)
    many = np.concatenate([BOXES] * 5)  # more than one batch
    looks = embedder.embed(_picture(), many)
    assert looks.shape == (20, LENGTH) and looks.dtype == np.float32
    assert np.linalg.norm(looks, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert np.allclose(looks[:4], looks[16:], atol=1e-4)


def test_a_broken_export_is_made_anew_or_says_why(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(models / FOLDER, folder / FOLDER)
    (folder / FOLDER / GRAPH).write_text("not a graph", encoding="utf-8")
    with pytest.raises(ModelError, match="stopped"):
        _store(folder, stopped=True).open_embedder()


def test_other_weights_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    other = tmp_path / "weights.pt"
    other.write_bytes(b"something else")
    folder = tmp_path / "models"
    with pytest.raises(ModelError, match="not the expected file"):
        _store(folder, weights=other).open_embedder()
    assert list(folder.iterdir()) == []


def test_the_job_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "weights.pt"
    broken.write_bytes(b"not weights")
    assert run_job([str(broken), str(tmp_path / "out.xml")]) == 1
    assert capsys.readouterr().err.strip()
    assert run_job([]) == 2
