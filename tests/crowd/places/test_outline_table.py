"""The look-up table of polygons: no cell says more than is true, no edge is left out."""

from __future__ import annotations

import numpy as np
import shapely

from backend.crowd.places.outline_table import GRID, Edges, classify_cells, sort_into_bands

TRIANGLE = np.array([[0.1, 0.2], [0.8, 0.3], [0.4, 0.95]])
SQUARE = np.array([[0.25, 0.25], [0.5, 0.25], [0.5, 0.5], [0.25, 0.5]])
RINGS = (TRIANGLE, SQUARE)


def edges_of(*rings: np.ndarray) -> Edges:
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    is_rising = (ends[:, 1] < starts[:, 1])[:, None]
    zone = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    upper, lower = np.where(is_rising, ends, starts), np.where(is_rising, starts, ends)
    return Edges(upper, lower, zone, len(rings))


def test_cells_agree_with_polygons() -> None:
    cells = classify_cells(edges_of(*RINGS))
    corner = np.arange(GRID) / GRID
    x, y = np.meshgrid(corner, corner)
    boxes = shapely.box(x, y, x + 1 / GRID, y + 1 / GRID).ravel()
    for zone, ring in enumerate(RINGS):
        polygon = shapely.Polygon(ring)
        on_border = np.zeros(GRID * GRID, bool)
        touching = [
            cell
            for cell in np.flatnonzero(cells.count)
            if zone in cells.zones[cells.first[cell] : cells.first[cell] + cells.count[cell]]
        ]
        on_border[touching] = True
        assert not (shapely.intersects(boxes, polygon.exterior) & ~on_border).any()
        assert not (cells.within[:, zone] & on_border).any()
        inner = shapely.contains_properly(polygon, boxes)
        np.testing.assert_array_equal(cells.within[~on_border, zone], inner[~on_border])


def test_every_band_holds_the_edges_that_lead_through_it_and_no_level_ones() -> None:
    edges = edges_of(*RINGS)
    bands = sort_into_bands(edges)
    assert bands.first.size == GRID * 2
    for band in range(GRID):
        top, bottom = band / GRID, (band + 1) / GRID
        for zone in range(2):
            start, count = bands.first[band * 2 + zone], bands.count[band * 2 + zone]
            held = sorted(bands.upper_x[start : start + count].tolist())
            is_met = (edges.upper[:, 1] < bottom) & (edges.lower[:, 1] > top)
            is_met &= (edges.zone == zone) & (edges.upper[:, 1] < edges.lower[:, 1])
            expected = edges.upper[is_met, 0].tolist()
            assert set(held) >= set(expected)
            assert count <= len(expected) + 2, "but for those that end on its very border"


def test_without_polygons_there_is_nothing() -> None:
    none = Edges(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, np.int64), 0)
    assert classify_cells(none).within.shape == (GRID * GRID, 0)
    assert sort_into_bands(none).count.size == 0
