"""Finds the landmarks of one view in another and says how far the picture has shifted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures

_NEAR = 0.03
_TOLERANCE = 0.004
_LIKE_BITS = 64
_UNIQUE_BITS = 80
_UNIQUE_RATIO = 0.8
_FEWEST = 15
_FEWEST_FIELDS = 6
_FIELDS_A_SIDE = 8

Points = npt.NDArray[np.float32]
Pairs = npt.NDArray[np.int64]
"""(M, 2): row of the reference, row of the present view."""


@dataclass(frozen=True, slots=True)
class ViewMatch:
    """How the present picture lies to the reference, as far as landmarks agree on it.

    Attributes:
        agreeing: Landmarks that agree.
        share: The same as a share of the fewer landmarks of the two views.
        displacement: Largest displacement of any corner of the picture, share of its width.
        shift: Displacement of the middle of the picture, share of its width.
        turn_deg: Rotation in the picture, degrees.
        zoom: Enlargement; 1 = none.
        matrix: (2, 3) float64, reference pixels (scaled to the present picture) to present ones.
        reference_wh: Size of the reference's picture, pixels.
    """

    agreeing: int
    share: float
    displacement: float
    shift: float
    turn_deg: float
    zoom: float
    matrix: npt.NDArray[np.float64]
    reference_wh: tuple[int, int]


def match_views(reference: BackgroundFeatures, present: BackgroundFeatures) -> ViewMatch | None:
    """Return the displacement on which landmarks of both views agree, None if on none.

    Landmarks are first sought where they were (within 3 % of the width), which stands more
    change of light; only when that fails they are sought everywhere. What agrees on one
    similarity transform to 0.4 % of the width counts (RANSAC): at least 15 landmarks in 6
    fields of an 8 x 8 grid.

    Args:
        reference: Landmarks of the view to be found again.
        present: Landmarks of the picture it is sought in; may be of another size, not of
            another shape.

    References:
        Fischler & Bolles 1981, Random sample consensus, doi:10.1145/358669.358692.
    """
    width, height = present.picture_wh
    here = reference.points_px * np.float32(width / reference.picture_wh[0])
    there = present.points_px
    near = np.abs(here[:, None, 0] - there[None, :, 0]) <= _NEAR * width
    near &= np.abs(here[:, None, 1] - there[None, :, 1]) <= _NEAR * width
    for find in (_near_pairs, _unique_pairs):
        pairs = find(reference, present, near)
        fitted = _fit(here[pairs[:, 0]], there[pairs[:, 1]], (width, height))
        if fitted is not None:
            agreeing, matrix = fitted
            share = agreeing / min(len(here), len(there))
            return _describe(matrix, agreeing, share, (width, height), reference.picture_wh)
    return None


def carry_back(landmarks: BackgroundFeatures, found: ViewMatch) -> BackgroundFeatures:
    """Return ``landmarks`` of the present view at their places in the reference's picture."""
    back = cv2.invertAffineTransform(found.matrix)
    points = landmarks.points_px @ back[:, :2].T + back[:, 2]
    points *= found.reference_wh[0] / landmarks.picture_wh[0]
    return BackgroundFeatures(found.reference_wh, points.astype(np.float32), landmarks.descriptors)


def _near_pairs(
    reference: BackgroundFeatures, present: BackgroundFeatures, near: npt.NDArray[np.bool_]
) -> Pairs:
    """Rows of like landmarks that may be the same by their places."""
    bits, rows = _most_similar(reference, present, 1, near)
    like = np.flatnonzero((bits[:, 0] < _LIKE_BITS) & (rows[:, 0] >= 0))
    return np.stack([like, rows[like, 0]], axis=1)


def _unique_pairs(
    reference: BackgroundFeatures, present: BackgroundFeatures, _near: npt.NDArray[np.bool_]
) -> Pairs:
    """Rows of landmarks that are each other's best match, clearly before the next."""
    bits, rows = _most_similar(reference, present, 2)
    _, back = _most_similar(present, reference, 1)
    mutual = back[rows[:, 0], 0] == np.arange(len(rows))
    clear = (bits[:, 0] < _UNIQUE_RATIO * bits[:, 1]) & (bits[:, 0] < _UNIQUE_BITS)
    sure = np.flatnonzero(mutual & clear)
    return np.stack([sure, rows[sure, 0]], axis=1)


def _most_similar(
    first: BackgroundFeatures,
    second: BackgroundFeatures,
    most: int,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """(K, most) differing bits and rows of the most similar descriptors; row -1 = none."""
    bits, rows = cv2.batchDistance(
        first.descriptors,
        second.descriptors,
        dtype=cv2.CV_32S,
        normType=cv2.NORM_HAMMING,
        K=most,
        mask=None if allowed is None else allowed.view(np.uint8),
    )
    return np.asarray(bits, np.int32), np.asarray(rows, np.int32)


def _fit(
    here: Points, there: Points, size_wh: tuple[int, int]
) -> tuple[int, npt.NDArray[np.float64]] | None:
    """Return how many pairs agree on one similarity transform, and that transform."""
    if len(here) < _FEWEST:
        return None
    matrix, inside = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE * size_wh[0]
    )
    if matrix is None:
        return None
    kept = here[inside.ravel().astype(bool)]
    fields = np.unique((kept * _FIELDS_A_SIDE / size_wh).astype(int), axis=0)
    if len(kept) < _FEWEST or len(fields) < _FEWEST_FIELDS:
        return None
    return len(kept), np.asarray(matrix, np.float64)


def _describe(
    matrix: npt.NDArray[np.float64],
    agreeing: int,
    share: float,
    size_wh: tuple[int, int],
    reference_wh: tuple[int, int],
) -> ViewMatch:
    width, height = size_wh
    places = np.array([[0, 0], [width, 0], [width, height], [0, height], [width / 2, height / 2]])
    moved = np.linalg.norm(places @ matrix[:, :2].T + matrix[:, 2] - places, axis=1) / width
    return ViewMatch(
        agreeing=agreeing,
        share=share,
        displacement=float(moved.max()),
        shift=float(moved[-1]),
        turn_deg=float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
        zoom=float(np.hypot(matrix[0, 0], matrix[1, 0])),
        matrix=matrix,
        reference_wh=reference_wh,
    )
