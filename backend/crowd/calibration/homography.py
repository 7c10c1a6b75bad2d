"""Arithmetic of plane-to-plane projections: fit, apply, differentiate."""

from __future__ import annotations

import numpy as np

from backend.core.frame import FloatArray

_HORIZON_TOLERANCE = 1e-12
"""Denominators this small beside their own terms are zero: the point lies on the horizon."""


def project(matrix: FloatArray, xy: FloatArray) -> FloatArray:
    """Apply a homography to points on its positive side.

    Args:
        matrix: (3, 3) float64.
        xy: (N, 2) float64.

    Returns:
        (N, 2) float64, NaN where the denominator is not positive or the input not finite;
        (0, 2) for N = 0.

    References:
        Hartley & Zisserman 2004, Multiple View Geometry, 2nd edition, section 2.3.

    Example:
        >>> project(np.diag([2.0, 2.0, 1.0]), np.array([[3.0, 4.0]])).tolist()
        [[6.0, 8.0]]
    """
    weight = positive_denominators(matrix, xy)
    mapped: FloatArray = (xy @ matrix[:2, :2].T + matrix[:2, 2]) / weight[:, None]
    return mapped


def positive_denominators(matrix: FloatArray, xy: FloatArray) -> FloatArray:
    """Denominator of the projection of each point, NaN where it is not clearly positive.

    Args:
        matrix: (3, 3) float64.
        xy: (N, 2) float64.

    Returns:
        (N,) float64, > 0 or NaN.
    """
    across, down, fixed = matrix[2]
    weight = xy[:, 0] * across + xy[:, 1] * down + fixed
    size = np.abs(xy[:, 0] * across) + np.abs(xy[:, 1] * down) + abs(fixed)
    return np.where(weight > _HORIZON_TOLERANCE * size, weight, np.nan)


def jacobians(matrix: FloatArray, xy: FloatArray) -> FloatArray:
    """Local linear map of a homography at each point.

    Args:
        matrix: (3, 3) float64.
        xy: (N, 2) float64.

    Returns:
        (N, 2, 2) float64, ``[i, j]`` = change of output i per unit of input j; NaN where the
        denominator is not positive.

    Example:
        >>> jacobians(np.diag([2.0, 3.0, 1.0]), np.zeros((1, 2))).tolist()
        [[[2.0, 0.0], [0.0, 3.0]]]
    """
    weight = positive_denominators(matrix, xy)
    mapped = project(matrix, xy)
    slope = matrix[None, :2, :2] - mapped[:, :, None] * matrix[None, 2:, :2]
    result: FloatArray = slope / weight[:, None, None]
    return result


def singular_values(local: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Largest and smallest stretch of 2 x 2 matrices, in closed form.

    Args:
        local: (..., 2, 2) float64.

    Returns:
        Two (...) float64 arrays: largest and smallest singular value.

    Example:
        >>> singular_values(np.array([[3.0, 0.0], [0.0, 0.5]]))
        (np.float64(3.0), np.float64(0.5))
    """
    a, b, c, d = local[..., 0, 0], local[..., 0, 1], local[..., 1, 0], local[..., 1, 1]
    plus, minus = np.hypot(a + d, b - c), np.hypot(a - d, b + c)
    return (plus + minus) / 2, np.abs(plus - minus) / 2


def fit_linear(source: FloatArray, target: FloatArray) -> FloatArray:
    """Direct linear solution of ``target ~ H source``, exact at four points.

    Coordinates are first moved to their centroid and scaled to a mean distance of sqrt(2)
    (Hartley's normalisation), without which the system is badly conditioned.

    Args:
        source: (..., N, 2) float64, N >= 4 points in general position.
        target: (..., N, 2) float64, where they go.

    Returns:
        (..., 3, 3) float64, Frobenius norm 1, sign such that the mean denominator of the
        source points is positive.

    References:
        Hartley & Zisserman 2004, algorithm 4.2; Hartley 1997, doi:10.1109/34.601246.

    Example:
        >>> square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
        >>> h = fit_linear(square, 3 * square)
        >>> project(h, np.array([[0.5, 2.0]])).round(9).tolist()
        [[1.5, 6.0]]
    """
    from_unit, to_unit = _normaliser(source), _normaliser(target)
    x, y = np.moveaxis(_apply_affine(from_unit, source), -1, 0)
    u, v = np.moveaxis(_apply_affine(to_unit, target), -1, 0)
    one, nil = np.ones_like(x), np.zeros_like(x)
    top = np.stack([x, y, one, nil, nil, nil, -u * x, -u * y, -u], axis=-1)
    low = np.stack([nil, nil, nil, x, y, one, -v * x, -v * y, -v], axis=-1)
    rows = np.concatenate([top, low], axis=-2)
    unit = np.linalg.svd(rows)[2][..., -1, :].reshape(*rows.shape[:-2], 3, 3)
    matrix = np.linalg.inv(to_unit) @ unit @ from_unit
    matrix /= np.linalg.norm(matrix, axis=(-2, -1), keepdims=True)
    mean_weight = np.einsum("...j,...j->...", matrix[..., 2, :2], source.mean(axis=-2))
    sign = np.where(mean_weight + matrix[..., 2, 2] < 0, -1.0, 1.0)
    result: FloatArray = matrix * sign[..., None, None]
    return result


def _normaliser(points: FloatArray) -> FloatArray:
    centre = points.mean(axis=-2)
    spread = np.linalg.norm(points - centre[..., None, :], axis=-1).mean(axis=-1)
    scale = np.sqrt(2.0) / np.maximum(spread, np.finfo(float).tiny)
    matrix = np.zeros((*scale.shape, 3, 3))
    matrix[..., 0, 0] = matrix[..., 1, 1] = scale
    matrix[..., :2, 2] = -scale[..., None] * centre
    matrix[..., 2, 2] = 1.0
    return matrix


def _apply_affine(matrix: FloatArray, points: FloatArray) -> FloatArray:
    moved: FloatArray = points @ np.swapaxes(matrix[..., :2, :2], -1, -2)
    return moved + matrix[..., None, :2, 2]
