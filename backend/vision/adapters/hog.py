"""The classic pedestrian detector: histograms of oriented gradients and a linear classifier.

Needs no weights and no GPU, but finds only upright, unhidden people: on streets a third to three
quarters of those that YOLO11n finds, in five times its processor time (docs/methods/tiling.md). It
is an optional extra, for comparison and for teaching: OpenCV 5 keeps it in its contrib package.

References:
    Dalal, Triggs: Histograms of oriented gradients for human detection, CVPR 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.vision.adapters.micro_batching import BatchedNetwork, BatchParams, Outputs
from backend.vision.detector import DetectorParams
from backend.vision.heads import Candidates, Head
from backend.vision.network import Network, NetworkInfo, Output
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams

NAME = "hog"
INSTALL = (
    "`pip uninstall opencv-python-headless`, then `pip install -r requirements-hog.txt` "
    "(OpenCV with its contrib modules)"
)
REMEDY = (
    "The classic HOG detector finds a third to three quarters of the people that a YOLO network "
    "does: set YOLO_MODEL to a network such as yolo11s.pt."
)
MARGIN_SIDE, MARGIN_TOP = 0.2, 0.125
"""Shares of a window that are surroundings: it was trained on people with 16 px of them above and
below in windows of 128 px. Against YOLO11n on a street 24 of 26 boxes then agree (IoU 0.5)."""
SURE_AT, STEEPNESS = 1.0, 2.0
"""A window this far on the right side of the classifier's plane counts as even odds."""


def open_hog(
    params: DetectorParams, *, size: int = 960, tiling: TilingParams | None = None
) -> NetworkDetector:
    """Return a detector of its own; `open_hog_network` gives the parts to share.

    Args:
        params: Thresholds.
        size: Long side of the searched picture in pixels; people below about 100 px are missed.
        tiling: Cut the picture like this.

    Raises:
        ModelError: The installed OpenCV lacks the classifier; names the remedy.
    """
    network, head = open_hog_network()
    plan = DetectorPlan(params, size=size, tiling=tiling, reduced_accuracy=True, remedy=REMEDY)
    return _OwnDetector(network, head, plan)


class _OwnDetector(NetworkDetector):
    """A detector whose network is nobody else's."""

    def __init__(self, network: Network, head: Head, plan: DetectorPlan) -> None:
        super().__init__(network, head, plan)
        self._own = network

    def close(self) -> None:
        """See `detector.Detector.close`; the network goes with it."""
        super().close()
        self._own.close()


def open_hog_network(descriptor: Any = None) -> tuple[Network, Head]:
    """Return the classifier as a network and the head that reads it.

    Args:
        descriptor: An ``cv2.HOGDescriptor`` ready to use; OpenCV's for people by default.

    Raises:
        ModelError: The installed OpenCV lacks the classifier; names the remedy.
    """
    info = NetworkInfo(
        name=NAME, runtime="opencv", precision="f32", fixed_hw=None, output_names=("people",),
        path=NAME, labels={0: "person"}, task="detect",
    )  # fmt: skip
    network = BatchedNetwork(
        _HogRun(descriptor or _make_descriptor()),
        info=info,
        output_shape=(1, None, 5),
        # OpenCV spreads one picture over all cores by itself.
        params=BatchParams(limit=1, window_s=0.0),
    )
    return network, HogHead()


def _make_descriptor() -> Any:
    import cv2  # noqa: PLC0415 - heavy, loaded by the first camera and not by the web process

    if not hasattr(cv2, "HOGDescriptor"):
        raise ModelError(f"The installed OpenCV has no HOG detector: {INSTALL}")
    descriptor: Any = cv2.HOGDescriptor()
    descriptor.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())  # type: ignore[attr-defined]
    return descriptor


class _HogRun:
    """Searches pictures for people (see `micro_batching.BatchRun`)."""

    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor

    def __call__(self, pictures: Sequence[Image]) -> list[Outputs]:
        """Return x0, y0, x1, y1, confidence of every person, (1, N, 5), for each picture."""
        return [(self._search(picture)[None],) for picture in pictures]

    def _search(self, picture: Image) -> npt.NDArray[np.float32]:
        windows, weights = self._descriptor.detectMultiScale(
            picture, winStride=(8, 8), padding=(8, 8), scale=1.05
        )
        xywh = np.asarray(windows, np.float32).reshape(-1, 4)
        margin = xywh[:, 2:] * np.array([MARGIN_SIDE, MARGIN_TOP], np.float32)
        start = xywh[:, :2] + margin
        end = xywh[:, :2] + xywh[:, 2:] - margin
        distance = np.asarray(weights, np.float32).reshape(-1, 1)
        confidence = 1.0 / (1.0 + np.exp(-STEEPNESS * (distance - SURE_AT)))
        return np.concatenate([start, end, confidence], axis=1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class HogHead:
    """Output 1 × N × 5: x0, y0, x1, y1, confidence."""

    keeps_aspect: bool = True

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """See `Head`."""
        del canvas_hw
        rows = outputs[0][0]
        chosen = rows[rows[:, 4] >= threshold]
        return Candidates(chosen[:, :4].copy(), chosen[:, 4].copy())
