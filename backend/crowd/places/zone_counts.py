"""The counts of all zones of a camera at once, by the sums of `hybrid.place_count`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from backend.core.frame import FloatArray
from backend.crowd.counting import PeopleWeights
from backend.crowd.hybrid.place_count import BlendSums, PlaceSums
from backend.crowd.hybrid.reading import HybridReading

BoolArray = npt.NDArray[np.bool_]

_PARTS = 3
"""People, variance and error in common of boxes; people, squares and cells in use of the map."""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSums:
    """What is added up over each of Z zones.

    Attributes:
        places: The sums of each zone.
        people: (Z,) float64, boxes and map by their shares now, people.
        mapped: (Z,) float64, the map's part of that.
    """

    places: tuple[PlaceSums, ...]
    people: FloatArray
    mapped: FloatArray


def sum_zones(
    weights: PeopleWeights,
    hybrid: HybridReading | None,
    *,
    members: BoolArray,
    cells: csr_array | None = None,
) -> ZoneSums:
    """Add up the people of every zone, as `sum_place` does for one.

    Args:
        weights: How many people each of the N boxes stands for.
        hybrid: How boxes and map share the picture; None = boxes alone.
        members: (N, Z) bool, boxes that stand in the zones.
        cells: (Z, R·C) sparse float64, share of each cell's people who stand in the zones, row
            by row of the map; given where ``hybrid`` is.
    """
    inside = members.T.astype(np.float64)
    boxes = np.stack([weights.people, weights.variance, weights.common_error], axis=1)
    chance = weights.chance
    of_seen = np.stack([chance, chance * (1 - chance)], axis=1)
    columns = [boxes, of_seen]
    if hybrid is not None:
        later = hybrid.track_share if hybrid.track_wanted is None else hybrid.track_wanted
        columns += [boxes * _powers(hybrid.track_share), boxes * _powers(later)]
    sums = inside @ np.concatenate(columns, axis=1)
    alone, seen = _boxes_only(sums[:, :_PARTS]), sums[:, _PARTS : _PARTS + 2].tolist()
    if hybrid is None or cells is None:
        places = tuple(
            PlaceSums(each, each, each, BlendSums(), chances, spread)
            for each, (chances, spread) in zip(alone, seen, strict=True)
        )
        return ZoneSums(places, sums[:, 0], np.zeros(len(sums)))
    mapped = cells @ _map_columns(hybrid)
    first = _PARTS + 2
    now = np.concatenate([sums[:, first : first + _PARTS], mapped[:, 3:6]], axis=1)
    settled = np.concatenate([sums[:, first + _PARTS :], mapped[:, 6:9]], axis=1)
    error, is_live = hybrid.map_people.error, hybrid.is_live
    by_map = [BlendSums(mapped=m, mapped_square=s, in_use=a) for m, s, a in mapped[:, :3].tolist()]
    places = tuple(
        PlaceSums(BlendSums(*here), BlendSums(*then), box, by, chances, spread, error, is_live)
        for here, then, box, by, (chances, spread) in zip(
            now.tolist(), settled.tolist(), alone, by_map, seen, strict=True
        )
    )
    return ZoneSums(places, now[:, 0] + now[:, 3], now[:, 3])


def _powers(share: FloatArray) -> FloatArray:
    """(N, 3), what people, variance and common error are each multiplied by."""
    return np.stack([share, share**2, share], axis=1)


def _boxes_only(sums: FloatArray) -> list[BlendSums]:
    return [BlendSums(*each) for each in sums.tolist()]


def _map_columns(hybrid: HybridReading) -> FloatArray:
    """(R·C, 9): of the map wholly, by its shares now, and later: people, squares, in use."""
    people = hybrid.people.astype(np.float64).ravel()
    part = 1.0 / people.size
    columns = [people, people, np.full(people.size, part)]
    later = hybrid.shares if hybrid.wanted is None else hybrid.wanted
    for shares in (hybrid.shares, later):
        share = shares.astype(np.float64).ravel()
        columns += [share * people, share**2 * people, share**2 * part]
    return np.stack(columns, axis=1)
