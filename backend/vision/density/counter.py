"""What the rest of the house knows of a density counter.

A `DensityCounter` is one camera's handle on a network that all cameras share, like a
`detector.Detector`: cheap to open, owned by one thread, closed when the camera stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from backend.core.frame import Frame
from backend.core.observation import CrowdMap


@dataclass(frozen=True, slots=True)
class DensityModelInfo:
    """Which density network counts.

    Attributes:
        name: For people: ``crowdsafe-light``.
        runtime, precision, device: As in `core.camera.ModelInfo`.
        input_hw: Height and width of the network's input, pixels: of the last picture, this
            camera's or (asked of the store) any camera's. Before the first picture the square
            that pictures of every shape fit into.
        stride: Side of a cell, pixels of the input.
        sha256: Of the weight file.
        parallel: Pictures that may be under way at once before more of them only wait.
    """

    name: str
    runtime: str
    precision: str
    device: str
    input_hw: tuple[int, int]
    stride: int
    sha256: str
    parallel: int = 2


class DensityCounter(Protocol):
    """One camera's handle on a shared density network; used by one thread at a time."""

    @property
    def info(self) -> DensityModelInfo:
        """Which network counts."""

    def count(self, frame: Frame) -> CrowdMap:
        """Return the density map of one frame; blocks for one inference.

        Never raises for a picture: one that says nothing (dark, uniform, one pixel high) gives a
        map of about nobody with a ``doubt``, and never NaN.

        Raises:
            UnavailableError: The counter is closed, or the network did not answer in time.
        """

    def close(self) -> None:
        """Let go of the request; idempotent."""
