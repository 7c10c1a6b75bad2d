"""Pictures exactly as a network is given them, for calibrating a quantised one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.core.frame import Image
from backend.vision.heads import Candidates, Head
from backend.vision.network import Network, NetworkInfo, NetworkRequest, Output
from backend.vision.network_detector import DetectorPlan, NetworkDetector

Take = Callable[[Image], None]


class _CatchingRequest:
    """Hands every started picture over and answers nothing (see `network.NetworkRequest`)."""

    def __init__(self, input_hw: tuple[int, int], take: Take) -> None:
        self._canvas: Image = np.zeros((*input_hw, 3), np.uint8)
        self._take = take

    @property
    def canvas(self) -> Image:
        """See `NetworkRequest.canvas`."""
        return self._canvas

    def start(self) -> None:
        """Hand over what was painted."""
        self._take(self._canvas)

    def wait(self, timeout_s: float) -> bool:
        """See `NetworkRequest.wait`."""
        del timeout_s
        return True

    def outputs(self) -> tuple[Output, ...]:
        """See `NetworkRequest.outputs`."""
        return ()

    def close(self) -> None:
        """See `NetworkRequest.close`."""


class _CatchingNetwork:
    """Stands where the network would (see `network.Network`)."""

    def __init__(self, info: NetworkInfo, take: Take) -> None:
        self.info = info
        self._take = take

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        """See `Network.open_request`."""
        return _CatchingRequest(input_hw, self._take)

    def close(self) -> None:
        """See `Network.close`."""


class _SilentHead:
    """Finds nobody, but places pictures like the head it stands for."""

    def __init__(self, like: Head) -> None:
        self._keeps_aspect = like.keeps_aspect

    @property
    def keeps_aspect(self) -> bool:
        """See `Head.keeps_aspect`."""
        return self._keeps_aspect

    def decode(
        self, outputs: tuple[Output, ...], *, threshold: float, canvas_hw: tuple[int, int]
    ) -> Candidates:
        """See `Head.decode`."""
        del outputs, threshold, canvas_hw
        return Candidates(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


class CanvasMaker:
    """Paints pictures as the detector itself would: same code, so the same pixels.

    Args:
        network, head, plan: The detector's.
    """

    def __init__(self, network: Network, head: Head, plan: DetectorPlan) -> None:
        self._caught: list[Image] = []
        self._detector = NetworkDetector(
            _CatchingNetwork(network.info, lambda canvas: self._caught.append(canvas.copy())),
            _SilentHead(head),
            plan,
        )

    def paint(self, picture: Image) -> list[Image]:
        """Return what the network would be given: one (H, W, 3) uint8 BGR for each tile."""
        self._caught.clear()
        self._detector.detect(picture)
        return list(self._caught)
