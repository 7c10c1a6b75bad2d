"""The part of a Gaussian kernel that lies on walkable ground, for any polygon.

The integral of the kernel over the walkable area is taken exactly along x (error functions
between the walls) and by Gauss-Legendre quadrature along y, in panels that end at the corners of
the polygon, where alone the integrand has kinks. It is tabulated once on a square grid and read
by cubic spline.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from scipy.ndimage import map_coordinates, spline_filter
from scipy.special import erf

from backend.core.frame import FloatArray

STEPS_PER_RADIUS = 4
"""Table nodes per kernel radius; the spline then errs by less than 1e-3."""
MAX_TABLE_NODES = 1_000_000
"""Bound of memory (8 MB) and preparation time; above it the table is coarser."""
_PANEL_NODES = 4
_REACH = 5.0
"""In radii: beyond it less than 1e-11 of the kernel is left."""
_MARGIN = 2.0
"""In radii: the table goes on beyond the area, so that the spline has no edge near it."""
_ROWS_AT_ONCE = 64


class WallCorrection:
    """Share of the kernel ``exp(-d²/R²)/(πR²)`` around a point that lies inside an area.

    1 far from any wall, 1/2 at a long straight wall, 1/4 in a right-angled corner.

    Args:
        polygon: Valid polygon or multipolygon, metres.
        radius_m: R.
    """

    def __init__(self, polygon: shapely.Polygon, radius_m: float) -> None:
        west, south, east, north = polygon.bounds
        margin = _MARGIN * radius_m
        width, height = east - west + 2 * margin, north - south + 2 * margin
        self._step = max(radius_m / STEPS_PER_RADIUS, math.sqrt(width * height / MAX_TABLE_NODES))
        x = west - margin + self._step * np.arange(math.ceil(width / self._step) + 1)
        y = south - margin + self._step * np.arange(math.ceil(height / self._step) + 1)
        self._origin = np.array([x[0], y[0]])
        self._table = spline_filter(_share_on_grid(polygon, x, y, radius_m), order=3)

    def at(self, points: FloatArray) -> FloatArray:
        """Share at ``points`` ((M, 2), metres, in or near the area), (M,) in (0, 1]."""
        column, row = ((points - self._origin) / self._step).T
        share = map_coordinates(self._table, [row, column], order=3, prefilter=False)
        return np.asarray(np.clip(share, 1e-6, 1.0))


def _share_on_grid(
    polygon: shapely.Polygon, x: FloatArray, y: FloatArray, radius_m: float
) -> FloatArray:
    """Share at every node, (len(y), len(x))."""
    edges = _edges(polygon)
    lines, weights = _quadrature(edges, radius_m)
    share = np.empty((len(y), len(x)))
    for start in range(0, len(y), _ROWS_AT_ONCE):
        rows = y[start : start + _ROWS_AT_ONCE]
        near = slice(
            *np.searchsorted(lines, [rows[0] - _REACH * radius_m, rows[-1] + _REACH * radius_m])
        )
        across = _share_along_lines(edges, lines[near], x, radius_m)
        distance = (rows[:, None] - lines[None, near]) / radius_m
        kernel = np.exp(-(distance**2)) * (weights[near] / (math.sqrt(math.pi) * radius_m))
        share[start : start + _ROWS_AT_ONCE] = kernel @ across
    return share


def _edges(polygon: shapely.Polygon) -> FloatArray:
    """(E, 4) x1, y1, x2, y2 of the rings, ground on the left of each edge, none level."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    edges = np.concatenate(
        [np.hstack([ring[:-1], ring[1:]]) for ring in map(shapely.get_coordinates, rings)]
    )
    return np.asarray(edges[edges[:, 1] != edges[:, 3]])


def _quadrature(edges: FloatArray, radius_m: float) -> tuple[FloatArray, FloatArray]:
    """Ordinates and weights of Gauss-Legendre panels.

    Within a panel every wall runs at most R/2, up or across: a wall that rises gently comes and
    goes within a small step of y.
    """
    cuts = [
        np.linspace(y1, y2, math.ceil(math.hypot(x2 - x1, y2 - y1) / (radius_m / 2)) + 1)
        for x1, y1, x2, y2 in edges
    ]
    bounds = np.unique(np.concatenate(cuts))
    node, weight = np.polynomial.legendre.leggauss(_PANEL_NODES)
    half = np.diff(bounds)[:, None] / 2
    middle = (bounds[:-1, None] + bounds[1:, None]) / 2
    return (middle + half * node).ravel(), (half * weight).ravel()


def _share_along_lines(
    edges: FloatArray, lines: FloatArray, x: FloatArray, radius_m: float
) -> FloatArray:
    """∫ exp(-(x'-x)²/R²)/(√π R) dx' over the ground along each line, (len(lines), len(x)).

    Walls met going up have the ground on their left (they end a stretch of it), walls met going
    down begin one: the integral is half the signed sum of the walls' error functions. Those are
    constant away from their wall, so only their steps near it are written down and then added
    up along the line.
    """
    x1, y1, x2, y2 = edges.T
    line, edge = np.nonzero(
        (np.minimum(y1, y2) < lines[:, None]) & (lines[:, None] < np.maximum(y1, y2))
    )
    along = (lines[line] - y1[edge]) / (y2 - y1)[edge]
    wall_x = x1[edge] + along * (x2 - x1)[edge]
    step = x[1] - x[0]
    first = np.floor((wall_x - _REACH * radius_m - x[0]) / step).astype(np.int64)
    near = np.arange(math.ceil(2 * _REACH * radius_m / step) + 3)
    node = first[:, None] + near
    value = erf((wall_x[:, None] - x[0] - node * step) / radius_m)
    steps = 0.5 * np.sign(y2 - y1)[edge, None] * np.diff(value, axis=1, prepend=1.0)
    # One column more, for what lies beyond the last node.
    columns = len(x) + 1
    place = line[:, None] * columns + np.clip(node, 0, len(x))
    total = np.bincount(place.ravel(), steps.ravel(), len(lines) * columns)
    return np.asarray(total.reshape(len(lines), columns)[:, :-1].cumsum(axis=1))
