"""What `evaluate` and `compare` can measure: weights, exported networks, detectors.

All of them turn one labelled picture into a `CountedPicture`; what is computed from those is the
same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from torch import nn

from backend.core.errors import ModelError, UnavailableError
from backend.core.frame import Image
from backend.core.observation import CROWDED_BLOCK, CountError
from backend.vision.density.scaling import Scaling, compute_scaling
from backend.vision.detector import Detector
from backend.vision.network import Network
from training.datasets.base import (
    Dataset,
    HeadArray,
    LabelledPicture,
    read_picture_wh,
    region_mask,
)
from training.evaluation import load_for_network, predict_map
from training.ground_truth import count_points
from training.normalise import pad_to_multiple
from training.regions import Sums, count_heads, sum_regions

FINEST_GRID = 8
"""Regions along each side; GAME(3) needs 8, everything coarser is pooled from them."""

HEAD_DEPTH = 0.1
"""A box counts where the head is: top centre, this share of its height down."""

_ANSWER_TIMEOUT_S = 300.0
_EMPTY_BLOCK = 0.02
"""People per cell below which a block says nothing of how dense crowds are counted."""

FloatMap = npt.NDArray[np.float32]
Blocks = npt.NDArray[np.float32]
"""(K, 2) float32, counted and true people per cell of K blocks."""


@dataclass(frozen=True, slots=True)
class CountedPicture:
    """One picture, counted, beside the truth.

    Attributes:
        dataset: Name of its dataset.
        name: Name of the picture.
        counted: People counted.
        true: Labelled heads, those beyond the border among them.
        regions_counted, regions_true: (8, 8) float64, the same by region.
        blocks: Every block of `CROWDED_BLOCK` x `CROWDED_BLOCK` cells in which somebody is or was
            counted; (0, 2) for detectors.
    """

    dataset: str
    name: str
    counted: float
    true: float
    regions_counted: Sums
    regions_true: Sums
    blocks: Blocks


class PictureCounter(Protocol):
    """Counts labelled pictures; `count` may be called from `parallel` threads at once."""

    @property
    def name(self) -> str:
        """For tables."""

    @property
    def error(self) -> CountError | None:
        """How far its counts err; None where nothing is known."""

    @property
    def parallel(self) -> int:
        """Pictures that may be counted at once."""

    def count(self, labelled: LabelledPicture, dataset: str) -> CountedPicture:
        """Count one picture."""

    def close(self) -> None:
        """Let go of the network."""


def count_dataset(counter: PictureCounter, dataset: Dataset) -> Iterator[CountedPicture]:
    """Count every picture of a dataset, in its order."""
    with ThreadPoolExecutor(counter.parallel, thread_name_prefix="counting") as pool:
        yield from pool.map(lambda each: counter.count(each, dataset.name), dataset.pictures)


class TorchCounter:
    """Weights in the network they were trained in.

    Args:
        network: With its weights; put into evaluation mode.
        name: For tables.
        error: See `PictureCounter.error`.
        long_px: See `count_map`.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        name: str,
        error: CountError | None = None,
        long_px: int | None = None,
    ) -> None:
        self._network = network.eval()
        self.name = name
        self.error = error
        self.parallel = 1  # torch spreads one picture over all cores
        self._stride = int(getattr(network, "stride", 8))
        self._long_px = long_px

    def count(self, labelled: LabelledPicture, dataset: str) -> CountedPicture:
        """See `PictureCounter.count`."""
        return count_map(
            labelled,
            dataset,
            predict=lambda picture: predict_map(self._network, picture),
            stride=self._stride,
            long_px=self._long_px,
        )

    def close(self) -> None:
        """See `PictureCounter.close`."""


class GraphCounter:
    """An exported network in the runtime the server counts with.

    Args:
        network: Takes free picture sizes, gives one map.
        name: For tables.
        stride: Side of a cell of the map, pixels.
        error: See `PictureCounter.error`.
        long_px: See `count_map`.
    """

    def __init__(
        self,
        network: Network,
        *,
        name: str,
        stride: int,
        error: CountError | None = None,
        long_px: int | None = None,
    ) -> None:
        self._network = network
        self.name = name
        self.error = error
        self.parallel = max(1, network.info.parallel)
        self._stride = stride
        self._long_px = long_px

    def count(self, labelled: LabelledPicture, dataset: str) -> CountedPicture:
        """See `PictureCounter.count`."""
        return count_map(
            labelled,
            dataset,
            predict=self._predict,
            stride=self._stride,
            long_px=self._long_px,
        )

    def close(self) -> None:
        """See `PictureCounter.close`."""
        self._network.close()

    def _predict(self, picture: Image) -> FloatMap:
        padded = pad_to_multiple(picture)
        request = self._network.open_request((padded.shape[0], padded.shape[1]))
        try:
            np.copyto(request.canvas, padded)
            request.start()
            if not request.wait(_ANSWER_TIMEOUT_S):
                raise UnavailableError(f"{self.name} gave no answer in {_ANSWER_TIMEOUT_S:g} s")
            maps = request.outputs()[0]
            expected = (1, 1, padded.shape[0] // self._stride, padded.shape[1] // self._stride)
            if maps.shape != expected:
                raise ModelError(
                    f"{self.name}: the map should be {expected}, got {maps.shape}; is the stride "
                    f"on the card ({self._stride}) that of the network?"
                )
            return np.array(maps[0, 0], np.float32)
        finally:
            request.close()


class BoxCounter:
    """A person detector: counts its boxes, in the picture as it is.

    Args:
        detector: With its thresholds and tiles; closed with this counter.
        name: For tables.
    """

    def __init__(self, detector: Detector, *, name: str) -> None:
        self._detector = detector
        self.name = name
        self.error: CountError | None = None
        self.parallel = 1  # a detector belongs to one thread

    def count(self, labelled: LabelledPicture, dataset: str) -> CountedPicture:
        """See `PictureCounter.count`."""
        picture = labelled.load()
        picture_wh = (picture.shape[1], picture.shape[0])
        boxes = self._detector.detect(picture).boxes_xyxy
        heads = np.stack(
            [
                (boxes[:, 0] + boxes[:, 2]) / 2,
                boxes[:, 1] + HEAD_DEPTH * (boxes[:, 3] - boxes[:, 1]),
            ],
            axis=1,
        ).astype(np.float32)
        return CountedPicture(
            dataset=dataset,
            name=labelled.name,
            counted=float(len(heads)),
            true=float(labelled.count),
            regions_counted=count_heads(heads, picture_wh, grid=FINEST_GRID),
            regions_true=count_heads(labelled.heads_px, picture_wh, grid=FINEST_GRID),
            blocks=np.zeros((0, 2), np.float32),
        )

    def close(self) -> None:
        """See `PictureCounter.close`."""
        self._detector.close()


def count_map(
    labelled: LabelledPicture,
    dataset: str,
    *,
    predict: Callable[[Image], FloatMap],
    stride: int,
    long_px: int | None = None,
) -> CountedPicture:
    """Count one picture with a density network.

    Args:
        labelled: The picture.
        dataset: Name of its dataset.
        predict: From a picture at its size to its map, that of the padding included.
        stride: Side of a cell of that map, pixels.
        long_px: Scale pictures to this long side and leave the padding's cells out, as the
            server does, in place of what the protocol says.

    Raises:
        ModelError: The map holds numbers that are none.
    """
    if long_px is None:
        picture, heads_px = load_for_network(labelled)
        people = predict(picture)
    else:
        picture, heads_px, scaling = _load_as_server(labelled, long_px)
        rows, columns = scaling.map_hw(stride)
        people = predict(picture)[:rows, :columns]
    if not np.isfinite(people).all():
        raise ModelError(f"{labelled.name}: the map is not finite; the weights are broken")
    picture_wh = (picture.shape[1], picture.shape[0])
    if labelled.region_px is not None:
        people = people * _inside(labelled, (people.shape[0], people.shape[1]), picture_wh, stride)
    return CountedPicture(
        dataset=dataset,
        name=labelled.name,
        counted=float(people.sum()),
        true=float(labelled.count),
        regions_counted=sum_regions(people, picture_wh, stride=stride, grid=FINEST_GRID),
        regions_true=count_heads(heads_px, picture_wh, grid=FINEST_GRID),
        blocks=cut_blocks(people, heads_px, stride=stride),
    )


def _load_as_server(labelled: LabelledPicture, long_px: int) -> tuple[Image, HeadArray, Scaling]:
    picture = labelled.load()
    scaling = compute_scaling((picture.shape[1], picture.shape[0]), long_px)
    factors = np.array(scaling.scaled_wh, np.float32) / np.array(scaling.picture_wh, np.float32)
    heads_px = np.asarray(labelled.heads_px * factors, np.float32)
    return scaling.resize(picture), heads_px, scaling


def _inside(
    labelled: LabelledPicture,
    map_hw: tuple[int, int],
    picture_wh: tuple[int, int],
    stride: int,
) -> FloatMap:
    """Share of every cell that lies where heads were labelled."""
    original_wh = read_picture_wh(labelled.path)
    assert original_wh is not None, "it has been decoded"
    scale = picture_wh[0] / original_wh[0]
    return region_mask(map_hw, stride, labelled.region_px, scale=scale)


def cut_blocks(people: FloatMap, heads_px: HeadArray, *, stride: int) -> Blocks:
    """Return counted and true people per cell of every occupied block of the map.

    Args:
        people: (R, C) float32, people per cell.
        heads_px: (N, 2), pixels of the counted picture.
        stride: Side of a cell, pixels.

    Returns:
        (K, 2) float32; blocks cut off at the map's right and lower border are left out.
    """
    rows, columns = (side // CROWDED_BLOCK for side in people.shape)
    true = count_points(heads_px, (people.shape[0], people.shape[1]), stride)
    means = [
        each[: rows * CROWDED_BLOCK, : columns * CROWDED_BLOCK]
        .reshape(rows, CROWDED_BLOCK, columns, CROWDED_BLOCK)
        .mean(axis=(1, 3))
        .reshape(-1)
        for each in (people, true)
    ]
    blocks = np.stack(means, axis=1).astype(np.float32)
    return blocks[blocks.max(axis=1, initial=0.0) > _EMPTY_BLOCK]
