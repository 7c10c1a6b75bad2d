"""Landmarks of a camera's unmoving scene: corners behind the people, spread over the picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures
from backend.core.frame import Image

_WORK_WIDTH = 960
_FIELDS_WH = (8, 6)
_KEPT_PER_FIELD = 16
_SOUGHT_PER_FIELD = 48
_CANDIDATES = 6000
_FEWEST = 40
_FAST_THRESHOLD = 10
_PATCH_PX = 31
_BODY_MARGIN = 0.15


def background_features(
    image: Image, boxes_xyxy: npt.NDArray[np.float32]
) -> BackgroundFeatures | None:
    """Return landmarks of the scene behind the people, None where there are too few.

    ORB corners on the picture shrunk to at most 960 px width, at most 16 in each of 8 x 6
    fields, so that one busy sign does not stand for the whole view. Nothing inside a person's
    box, widened by 15 % of its sides, is taken.

    Args:
        image: (H, W, 3) uint8, BGR.
        boxes_xyxy: (N, 4) float32 people, pixels; N = 0 masks nothing.

    Returns:
        (K, 2) points in pixels of ``image`` and (K, 32) descriptors, 40 <= K <= 768; None when
        fewer than 40 can be found (darkness, fog, a crowd that covers everything).

    References:
        Rublee, Rabaud, Konolige & Bradski 2011, ORB: an efficient alternative to SIFT or SURF,
        ICCV, doi:10.1109/ICCV.2011.6126544.
    """
    return _landmarks(image, boxes_xyxy, _KEPT_PER_FIELD)


def seek_features(image: Image, boxes_xyxy: npt.NDArray[np.float32]) -> BackgroundFeatures | None:
    """Return landmarks to look for those of `background_features` among: three times as many.

    Which corner is the sixteenth best of its field changes with every change of light.
    """
    return _landmarks(image, boxes_xyxy, _SOUGHT_PER_FIELD)


def _landmarks(
    image: Image, boxes_xyxy: npt.NDArray[np.float32], most_per_field: int
) -> BackgroundFeatures | None:
    height, width = image.shape[:2]
    scale = min(_WORK_WIDTH / width, 1.0)
    if scale < 1.0:
        size = (_WORK_WIDTH, max(round(height * scale), 1))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    finder = cv2.ORB.create(
        nfeatures=_CANDIDATES,
        nlevels=5,
        edgeThreshold=_PATCH_PX,
        patchSize=_PATCH_PX,
        fastThreshold=_FAST_THRESHOLD,
    )
    candidates = finder.detect(grey, _without_people(grey.shape, boxes_xyxy * scale))
    chosen = _spread(candidates, (grey.shape[1], grey.shape[0]), most_per_field)
    chosen, descriptors = finder.compute(grey, chosen)
    if descriptors is None or len(chosen) < _FEWEST:
        return None
    points = np.array([landmark.pt for landmark in chosen], np.float32) / np.float32(scale)
    return BackgroundFeatures((width, height), points, np.asarray(descriptors, np.uint8))


def _without_people(
    shape: tuple[int, ...], boxes_xyxy: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """(H, W) mask, 255 outside the widened boxes."""
    mask = np.full(shape, 255, np.uint8)
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    low = np.maximum(boxes_xyxy[:, :2] - _BODY_MARGIN * sides, 0).astype(int)
    high = np.maximum(np.ceil(boxes_xyxy[:, 2:] + _BODY_MARGIN * sides), 0).astype(int)
    for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True):
        mask[y0:y1, x0:x1] = 0
    return mask


def _spread(
    candidates: Sequence[cv2.KeyPoint], size_wh: tuple[int, int], most: int
) -> list[cv2.KeyPoint]:
    """Return the strongest landmarks of each field of the picture."""
    if not candidates:
        return []
    points = np.array([landmark.pt for landmark in candidates])
    strength = np.array([landmark.response for landmark in candidates])
    columns, rows = (points * _FIELDS_WH / size_wh).astype(int).T
    fields = rows * _FIELDS_WH[0] + columns
    order = np.lexsort((-strength, fields))
    _, first, size = np.unique(fields[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, size)
    return [candidates[index] for index in order[rank < most].tolist()]
