"""What a density network is compared with: published marks and person detectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams
from training.counters import BoxCounter

TILE_COLUMNS, TILE_ROWS = 4, 3
FAINT = 0.1
"""Confidence at which tiles come closest to the truth in these pictures."""


@dataclass(frozen=True, slots=True)
class PublishedMark:
    """An error as its authors measured it on the published test split, people.

    Attributes:
        network: Who.
        parameters_m: Millions of parameters.
        mae, rmse: As published.
    """

    network: str
    parameters_m: float
    mae: float
    rmse: float


PUBLISHED: dict[str, tuple[PublishedMark, ...]] = {
    "shanghaitech-a": (
        PublishedMark("MCNN", 0.13, 110.2, 173.2),
        PublishedMark("CSRNet", 16.26, 68.2, 115.0),
        PublishedMark("SANet", 0.91, 67.0, 104.5),
    ),
    "shanghaitech-b": (
        PublishedMark("MCNN", 0.13, 26.4, 41.3),
        PublishedMark("CSRNet", 16.26, 10.6, 16.0),
        PublishedMark("SANet", 0.91, 8.4, 13.6),
    ),
}
"""Zhang et al. 2016 (doi:10.1109/CVPR.2016.70), Li, Zhang & Chen 2018
(doi:10.1109/CVPR.2018.00120), Cao et al. 2018 (doi:10.1007/978-3-030-01228-1_45)."""


@contextmanager
def open_detectors(path: Path, *, size: int = 640) -> Iterator[tuple[BoxCounter, ...]]:
    """Open a detector as it usually runs, at confidence 0.1, and at that on 4 x 3 tiles.

    Args:
        path: OpenVINO folder or ``.onnx`` file.
        size: Long side of the network's input, pixels, where the file leaves it free.

    Raises:
        ModelError: The file cannot be used; says why.
    """
    network, head = open_yolo(path, precision="auto")
    shared = SharedNetwork(network)
    name = network.info.name
    faint = DetectorParams(confidence=FAINT, weak_confidence=FAINT)
    tiles = TilingParams.of_grid(TILE_COLUMNS, TILE_ROWS)
    plans = (
        ("whole picture", DetectorPlan(DetectorParams(), size=size)),
        ("whole picture", DetectorPlan(faint, size=size)),
        (f"{TILE_COLUMNS} × {TILE_ROWS} tiles", DetectorPlan(faint, size=size, tiling=tiles)),
    )
    counters = tuple(
        BoxCounter(
            NetworkDetector(shared, head, plan),
            name=f"{name}, {how}, confidence {plan.params.confidence:g}",
        )
        for how, plan in plans
    )
    try:
        yield counters
    finally:
        for each in counters:
            each.close()
        shared.close()
