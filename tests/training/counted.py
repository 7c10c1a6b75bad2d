"""Counted pictures made up for tests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.counters import CountedPicture


def counted_picture(
    counted: npt.ArrayLike,
    true: npt.ArrayLike,
    *,
    name: str = "a",
    dataset: str = "shanghaitech-b",
    blocks: npt.ArrayLike = (),
) -> CountedPicture:
    """Return a picture of which the counts by region are known.

    Args:
        counted, true: (8, 8) people by region, or one number that lies in the upper left region.
        name, dataset: As in `CountedPicture`.
        blocks: Counted and true people per cell of its blocks.
    """
    found, heads = (_regions(each) for each in (counted, true))
    return CountedPicture(
        dataset=dataset,
        name=name,
        counted=float(found.sum()),
        true=float(heads.sum()),
        regions_counted=found,
        regions_true=heads,
        blocks=np.array(blocks, np.float32).reshape(-1, 2),
    )


def _regions(people: npt.ArrayLike) -> npt.NDArray[np.float64]:
    regions = np.zeros((8, 8))
    if np.ndim(people) == 0:
        regions[0, 0] = people
    else:
        regions[:] = people
    return regions
