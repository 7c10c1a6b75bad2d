"""WorldExpo'10: 3980 frames, 720 x 576, of 108 surveillance cameras at Shanghai's 2010 Expo.

Layout: ``train_frame/<scene>_….jpg`` (all scenes in one folder, the scene is the name's first
six characters) with ``train_label/<scene>/<name>.mat``; ``test_frame/<scene>/<name>.jpg`` with
``test_label/<scene>/<name>.mat``. A label file holds ``point_position``, N x 2, and
``point_num``. Beside the labels of a scene lies ``roi.mat`` with the outline of what was
labelled, ``maskVerticesXCoordinates`` and ``maskVerticesYCoordinates``. Some of the files are
of MATLAB 7.3. ``*_perspective`` is not used here.

Protocol: 103 scenes train, five test; only people inside the scene's outline count, in the
labels and by a network. The published figure is the mean of the five scenes' MAEs, so that
every test scene is a split of its own, too: ``test-104207``.

References:
    Zhang, Li, Wang & Yang 2015, Cross-Scene Crowd Counting via Deep Convolutional Neural
    Networks, doi:10.1109/CVPR.2015.7298684.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets.base import Dataset, DatasetError, HeadArray, LabelError
from training.datasets.gathering import Gathering
from training.datasets.matfiles import as_heads, read_mat, read_number

TEST_SCENES = ("104207", "200608", "200702", "202201", "500717")

SPLITS = ("train", "test", *(f"test-{scene}" for scene in TEST_SCENES))

_TRAIN_PICTURES = 3380
_SCENE_PICTURES = 119
"""Of a test scene: 120, in one of them 119."""

_SCENE_LETTERS = 6
_ROI = "roi.mat"
_CORNERS = ("maskVerticesXCoordinates", "maskVerticesYCoordinates")


def load_worldexpo10(root: Path, split: str) -> Dataset:
    """Read the training scenes, all test scenes or one of them.

    Args:
        root: Folder that holds ``train_frame``, ``train_label``, ``test_frame``, ``test_label``.
        split: ``train``, ``test`` or ``test-`` and one of `TEST_SCENES`.

    Raises:
        DatasetError: The folders are not there or hold no picture, or there is no such split.
    """
    kind, scenes = _parse(split)
    frames, labels = _find_folders(root, kind)
    gathering = Gathering("worldexpo10")
    pictures = list_pictures(root, split)
    regions = {scene: _read_region(labels / scene, gathering) for scene in _scenes_of(pictures)}
    for path in pictures:
        scene = _scene_of(path)
        region_px = regions[scene]
        if region_px is not None:
            _add(gathering, path, labels / scene, region_px)
        else:
            gathering.report(path.name, f"{scene}/{_ROI} cannot be used: what counts is unknown")
    for scene in scenes or sorted(each.name for each in labels.iterdir() if each.is_dir()):
        if scenes and not (frames / scene).is_dir():
            gathering.report(scene, f"the scene's folder is not in {frames.name}")
        found = (each for each in (labels / scene).glob("*.mat") if each.name != _ROI)
        gathering.report_orphans(found, (each.stem for each in pictures))
    published = len(scenes) * _SCENE_PICTURES if scenes else _TRAIN_PICTURES
    return gathering.build(frames, published=published)


def list_pictures(root: Path, split: str) -> list[Path]:
    """Return the picture files of a split.

    Raises:
        DatasetError: The folders are not there, or there is no such split.
    """
    kind, scenes = _parse(split)
    frames, _ = _find_folders(root, kind)
    if scenes:
        return sorted(path for scene in scenes for path in (frames / scene).glob("*.jpg"))
    return sorted(frames.glob("*.jpg"))


def _parse(split: str) -> tuple[str, tuple[str, ...]]:
    """Return ``train`` or ``test`` and, of the latter, the scenes."""
    if split not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    kind, _, scene = split.partition("-")
    if kind == "train":
        return kind, ()
    return kind, (scene,) if scene else TEST_SCENES


def _find_folders(root: Path, kind: str) -> tuple[Path, Path]:
    frames, labels = root / f"{kind}_frame", root / f"{kind}_label"
    for folder in (frames, labels):
        if not folder.is_dir():
            raise DatasetError(
                f"{root}: {folder.name}/ is not there; give the folder that holds "
                "train_frame, train_label, test_frame and test_label"
            )
    return frames, labels


def _scene_of(path: Path) -> str:
    # Test frames lie in a folder of the scene's name, which their own names begin with too.
    return path.parent.name if path.parent.name in TEST_SCENES else path.stem[:_SCENE_LETTERS]


def _scenes_of(pictures: list[Path]) -> list[str]:
    return sorted({_scene_of(path) for path in pictures})


def _read_region(folder: Path, gathering: Gathering) -> HeadArray | None:
    try:
        variables = read_mat(folder / _ROI)
        corners = [np.asarray(variables[name], np.float32).reshape(-1) for name in _CORNERS]
        outline = np.stack(corners, axis=1)
    except LabelError as error:
        gathering.report(f"{folder.name}/{_ROI}", str(error))
        return None
    except (KeyError, TypeError, ValueError) as error:
        gathering.report(f"{folder.name}/{_ROI}", f"holds no outline ({error})")
        return None
    if len(outline) < 3 or not np.isfinite(outline).all():
        gathering.report(f"{folder.name}/{_ROI}", "an outline needs three finite corners or more")
        return None
    return np.asarray(outline, np.float32)


def _add(gathering: Gathering, path: Path, labels: Path, region_px: HeadArray) -> None:
    source = labels / f"{path.stem}.mat"
    listed: int | None = None
    labelled = 0

    def read_labels() -> HeadArray:
        nonlocal listed, labelled
        variables = read_mat(source)
        if "point_position" not in variables:
            raise LabelError(f"{source.name} holds no point_position")
        heads_px = as_heads(variables["point_position"], source.name)
        listed, labelled = read_number(variables, "point_num"), len(heads_px)
        return heads_px

    added = gathering.add(
        f"worldexpo10/{path.stem}",
        path,
        read_labels,
        region_px=region_px,
        region_name=f"{labels.name}/{_ROI}",
    )
    if added is not None:
        gathering.compare_count(path, listed, labelled, "point_num")
