"""Detections as a camera would make them of people whose paths are known, to tune trackers on.

Paths of the Jülich pedestrian experiments are seen by a drawn camera in perspective: bodies hide
each other, a hidden one is found with less confidence or not at all, boxes tremble, and a person
is overlooked now and then for some frames on end. Nothing of it comes from the sequences on which
trackers are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections, FloatArray
from benchmarks.tracking_score import Sighting, overlap

PICTURE_WH = (1280, 720)
PERSON_HEIGHT_M = 1.75
PERSON_WIDTH_M = 0.55
CAMERA_HEIGHT_M = 5.0
FOCAL_PX = 1000.0
DOWN_RAD = 0.38


@dataclass(frozen=True, slots=True)
class Walk:
    """One experiment.

    Attributes:
        file: Name below data/trajectories.
        unit_m: Metres of one unit of its coordinates.
        rate_hz: Frames a second.
        first: First frame used.
        seconds: How long.
    """

    file: str
    unit_m: float
    rate_hz: float
    first: int
    seconds: float


WALKS = (
    Walk("uo-050-180-180.txt", 0.01, 16.0, 150, 40.0),
    Walk("uo-100-180-180.txt", 0.01, 16.0, 150, 30.0),
    Walk("bi_corr_400_b_03.txt", 0.01, 25.0, 400, 20.0),
    Walk("bottleneck_040_c_56_h-.txt", 1.0, 25.0, 200, 20.0),
)


@dataclass(frozen=True, slots=True)
class WalkedClip:
    """What a detector would say, and who really is there, frame by frame."""

    detections: list[Detections]
    truth: list[Sighting]
    rate_hz: float


def walked_clip(folder: Path, walk: Walk, *, keep_every: int, seed: int = 1) -> WalkedClip:
    """Return one experiment as a detector sees it in every ``keep_every``-th frame."""
    rows = np.loadtxt(folder / walk.file, usecols=(0, 1, 2, 3))
    rows[:, 2:] *= walk.unit_m
    middle = np.median(rows[:, 2:], axis=0)
    random = np.random.default_rng(seed)
    last = walk.first + int(walk.seconds * walk.rate_hz)
    overlooked: dict[int, int] = {}
    found, truth = [], []
    for number in range(walk.first, last, keep_every):
        here = rows[rows[:, 1] == number]
        ids = here[:, 0].astype(np.int64)
        boxes, distance_m = _project(here[:, 2:] - middle)
        inside = _inside(boxes)
        ids, boxes, distance_m = ids[inside], boxes[inside], distance_m[inside]
        visible = _visible_share(boxes, distance_m)
        seen = visible > 0.25
        truth.append(Sighting(ids[seen], boxes[seen]))
        found.append(_detect(ids, boxes, visible, overlooked, random))
    return WalkedClip(found, truth, walk.rate_hz / keep_every)


def _project(ground_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return boxes of people at (N, 2) metres about the middle of the picture, and distances."""
    far_m = CAMERA_HEIGHT_M / np.tan(DOWN_RAD) + ground_m[:, 1]
    width, height = PICTURE_WH

    def row_and_depth(up_m: float) -> tuple[FloatArray, FloatArray]:
        depth = far_m * np.cos(DOWN_RAD) + (CAMERA_HEIGHT_M - up_m) * np.sin(DOWN_RAD)
        below = (CAMERA_HEIGHT_M - up_m) * np.cos(DOWN_RAD) - far_m * np.sin(DOWN_RAD)
        depth = np.maximum(depth, 0.1)
        return height / 2 + FOCAL_PX * below / depth, depth

    foot, depth = row_and_depth(0.0)
    head, _ = row_and_depth(PERSON_HEIGHT_M)
    centre = width / 2 + FOCAL_PX * ground_m[:, 0] / depth
    half = FOCAL_PX * PERSON_WIDTH_M / 2 / depth
    return np.stack([centre - half, head, centre + half, foot], axis=1), depth


def _inside(boxes: FloatArray) -> npt.NDArray[np.bool_]:
    """Return whose middle lies in the picture."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.asarray(((middle > 0) & (middle < PICTURE_WH)).all(axis=1))


def _visible_share(boxes: FloatArray, distance_m: FloatArray) -> FloatArray:
    """Return which share of each body nobody nearer hides, from 6 × 12 points in its box."""
    across, down = np.meshgrid((np.arange(6) + 0.5) / 6, (np.arange(12) + 0.5) / 12)
    grid = np.stack([across.ravel(), down.ravel()], axis=1)
    points = boxes[:, None, :2] + grid[None] * (boxes[:, None, 2:] - boxes[:, None, :2])
    covered = (points[:, None] > boxes[None, :, None, :2]) & (
        points[:, None] < boxes[None, :, None, 2:]
    )
    nearer = distance_m[None, :] < distance_m[:, None]
    hidden = (covered.all(axis=3) & nearer[:, :, None]).any(axis=1)
    return np.asarray(1.0 - hidden.mean(axis=1))


def _detect(
    ids: npt.NDArray[np.int64],
    boxes: FloatArray,
    visible: FloatArray,
    overlooked: dict[int, int],
    random: np.random.Generator,
) -> Detections:
    """Return boxes as a detector gives them; ``overlooked`` counts frames people stay unseen."""
    size = boxes[:, 2:] - boxes[:, :2]
    trembling = boxes + random.normal(0.0, 0.03, boxes.shape) * np.concatenate([size, size], 1)
    confidence = np.clip(0.95 * visible + random.normal(0.0, 0.08, len(ids)) - 0.08, 0.0, 0.93)
    for place, person in enumerate(ids.tolist()):
        if overlooked.get(person, 0) == 0 and random.random() < 0.02:
            overlooked[person] = int(random.integers(1, 6))
        if overlooked.get(person, 0) > 0:
            overlooked[person] -= 1
            confidence[place] *= 0.25
    order = np.argsort(-confidence)
    kept: list[int] = []
    overlaps = overlap(trembling, trembling)
    for place in order.tolist():
        if confidence[place] > 0.1 and not (overlaps[place, kept] > 0.5).any():
            kept.append(place)
    strong = [place for place in kept if confidence[place] >= 0.25]
    weak = [place for place in kept if confidence[place] < 0.25]
    trembling32, confidence32 = trembling.astype(np.float32), confidence.astype(np.float32)
    return Detections(
        trembling32[strong],
        confidence32[strong],
        weak=Detections(trembling32[weak], confidence32[weak]),
    )
