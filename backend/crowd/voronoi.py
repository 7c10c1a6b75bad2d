"""Voronoi density: each person spread evenly over the ground nearest to them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

from backend.core.frame import FloatArray
from backend.crowd.ground_area import Area, polygon_of, positions_of

SAME_PLACE_M = 1e-3
"""People closer than this share one cell: no measurement tells them apart."""
_FAR = 2.0
"""In diagonals of the area: points so far away close every cell and cut none inside the area."""

Polygons = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class VoronoiCells:
    """Cell of each person.

    Attributes:
        polygons: (N,) shapely polygons, metres: the ground nearer to this person than to any
            other, as far as it belongs to the walkable area and hangs together with the person's
            place; None for who stands off the walkable area. People in the same place have the
            same polygon.
        area_m2: (N,) float64, m², ground of each person (a shared cell is divided equally); NaN
            off the walkable area.
    """

    polygons: Polygons
    area_m2: FloatArray


class VoronoiArea:
    """Voronoi density in one measurement area, geometry prepared once for many frames.

    Args:
        walkable_area: Ground people can stand on, metres.
        measurement_area: Ground the density is measured on, metres.

    Raises:
        ValueError: No polygon with an area.

    Example:
        >>> hall = [(0, 0), (4, 0), (4, 2), (0, 2)]
        >>> left_half = [(0, 0), (2, 0), (2, 2), (0, 2)]
        >>> VoronoiArea(hall, left_half).density([(1.0, 1.0), (3.0, 1.0)])
        0.25
    """

    def __init__(self, walkable_area: Area, measurement_area: Area) -> None:
        self._walkable = polygon_of(walkable_area, "walkable_area")
        self._measured = polygon_of(measurement_area, "measurement_area")
        self._is_all_measured = bool(self._measured.covers(self._walkable))
        west, south, east, north = self._walkable.bounds
        self._middle = np.array([(west + east) / 2, (south + north) / 2])
        far = _FAR * float(np.hypot(east - west, north - south))
        self._far_points = far * np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])

    def density(self, positions: npt.ArrayLike) -> float:
        """``(1/|A|) Σ_i |cell_i ∩ A| / |cell_i|``, 1/m².

        Args:
            positions: (N, 2) float64, metres, ground plane; who is off the walkable area is left
                out. N = 0 gives 0.

        Raises:
            ValueError: A wrong shape or NaN.
        """
        people, _ = self._people(positions)
        if len(people) == 0:
            return 0.0
        if self._is_all_measured:  # every cell lies inside A: nothing to draw
            return len(people) / float(self._measured.area)
        cells, places, persons = self._open_cells(people)
        touching = np.flatnonzero(shapely.intersects(self._measured, cells))
        cells = self._clipped(cells[touching], places[touching])
        share = np.ones(len(cells))
        partly = ~shapely.covers(self._measured, cells)
        inside = shapely.area(shapely.intersection(cells[partly], self._measured))
        share[partly] = inside / shapely.area(cells[partly])
        heads = np.bincount(persons, minlength=len(places))[touching]
        return float((heads * share).sum() / self._measured.area)

    def cells(self, positions: npt.ArrayLike) -> VoronoiCells:
        """Cell and ground of each person; 1/``area_m2`` is a person's own density.

        Arguments and errors as in :meth:`density`; N = 0 gives empty arrays.
        """
        people, inside = self._people(positions)
        polygons: Polygons = np.full(len(inside), None, dtype=object)
        area = np.full(len(inside), np.nan)
        if len(people) > 0:
            cells, places, persons = self._open_cells(people)
            cells = self._clipped(cells, places)
            polygons[inside] = cells[persons]
            area[inside] = (shapely.area(cells) / np.bincount(persons))[persons]
        return VoronoiCells(polygons, area)

    def _people(self, positions: npt.ArrayLike) -> tuple[FloatArray, Flags]:
        xy = positions_of(positions)
        inside = np.asarray(shapely.intersects_xy(self._walkable, xy[:, 0], xy[:, 1]))
        return xy[inside], inside

    def _open_cells(self, people: FloatArray) -> tuple[Polygons, FloatArray, Indices]:
        """Convex cells that reach beyond the walkable area.

        Returns:
            (C,) cells, (C, 2) the place each belongs to, (N,) which cell each person has.
        """
        places, place_of_person = _places(people)
        # In the middle of the area, so that coordinates far from 0 cost no digits.
        diagram = Voronoi(np.vstack([places - self._middle, self._far_points]))
        # Places too near each other for the diagram are given one region.
        regions, first, cell_of_place = np.unique(
            diagram.point_region[: len(places)], return_index=True, return_inverse=True
        )
        rings = [diagram.regions[region] for region in regions]
        closed = list(chain.from_iterable([*ring, ring[0]] for ring in rings))
        ends = np.cumsum([0] + [len(ring) + 1 for ring in rings])
        corners = diagram.vertices[closed] + self._middle
        cells = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, corners, (ends, np.arange(len(rings) + 1))
        )
        return np.asarray(cells), places[first], cell_of_place[place_of_person]

    def _clipped(self, cells: Polygons, places: FloatArray) -> Polygons:
        """Cells as far as they are walkable and hang together with the person's place."""
        clipped = cells.copy()
        crossing = np.flatnonzero(~shapely.covers(self._walkable, cells))
        clipped[crossing] = shapely.intersection(cells[crossing], self._walkable)
        split = crossing[shapely.get_type_id(clipped[crossing]) != shapely.GeometryType.POLYGON]
        for index in split:
            clipped[index] = _part_at(clipped[index], places[index])
        return clipped


def _part_at(cell: Any, place: FloatArray) -> Any:
    """The polygon of a cell cut in pieces that the person stands in (nearest, on an edge)."""
    parts = shapely.get_parts(cell)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return parts[int(shapely.distance(parts, shapely.Point(place)).argmin())]


def _places(people: FloatArray) -> tuple[FloatArray, Indices]:
    """Distinct places (P, 2), and the place of each person (N,)."""
    pairs = cKDTree(people).query_pairs(SAME_PLACE_M, output_type="ndarray")
    if len(pairs) == 0:
        return people, np.arange(len(people))
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(people), len(people)))
    _, place = connected_components(links, directed=False)
    _, first = np.unique(place, return_index=True)
    return people[first], place.astype(np.int64)


def voronoi_density(positions: npt.ArrayLike, walkable_area: Area, measurement_area: Area) -> float:
    """Voronoi density of a measurement area.

    ``ρ_V = (1/|A|) Σ_i |cell_i ∩ A| / |cell_i|``, cells cut at the edge of the walkable area.
    For many frames keep a :class:`VoronoiArea`.

    Args:
        positions: (N, 2) float64, metres, ground plane; who is off the walkable area is left
            out, people in the same place share a cell. N = 0 gives 0.
        walkable_area: Ground people can stand on, metres.
        measurement_area: Ground the density is measured on, metres. Where it covers the whole
            walkable area every cell is inside and the result is the classic density.

    Returns:
        Density, 1/m².

    Raises:
        ValueError: A wrong shape, NaN, or no area.

    References:
        Steffen & Seyfried (2010), Physica A 389:1902-1910, equations 8 and 9. Where the walkable
        area is not convex we keep of each cell the part that holds the person, as PedPy does.

    Example:
        >>> voronoi_density([(1, 1)], [(0, 0), (5, 0), (5, 2), (0, 2)],
        ...                 [(0, 0), (2, 0), (2, 2), (0, 2)])
        0.1
    """
    return VoronoiArea(walkable_area, measurement_area).density(positions)
