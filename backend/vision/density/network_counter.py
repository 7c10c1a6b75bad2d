"""The density counter every runtime shares: fit, scale, run, cut, find heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.errors import UnavailableError
from backend.core.frame import Frame, Image
from backend.core.observation import CrowdMap
from backend.vision.density.card import DensityCard
from backend.vision.density.counter import DensityModelInfo
from backend.vision.density.heads import find_heads
from backend.vision.density.picture_fit import find_doubt, measure_exposure, spread_levels
from backend.vision.density.scaling import Scaling, compute_scaling
from backend.vision.network import Network

TIMEOUT_S = 5.0
"""Ten times what a picture takes on a slow processor. A request must come free within it (if all
are out), then it must answer within it; a network that hangs is so found out in that time."""

FloatMap = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CountingPlan:
    """How one camera's pictures are counted.

    Attributes:
        card: What is known of the network.
        long_px: Long side of the input, pixels.
        timeout_s: The network must have answered by then.
    """

    card: DensityCard
    long_px: int
    timeout_s: float = TIMEOUT_S


class NetworkDensityCounter:
    """One camera's handle on a shared density network (implements `counter.DensityCounter`).

    Args:
        network: Compiled network, shared; stays open when this handle closes. Its requests' `close`
            must not wait, as a `SharedNetwork`'s does not: they are closed without an answer, too.
        plan: The network's card, and the size of the input.
        on_input: Told height and width of the input before each picture.
    """

    def __init__(
        self,
        network: Network,
        plan: CountingPlan,
        *,
        on_input: Callable[[tuple[int, int]], None] = lambda _input_hw: None,
    ) -> None:
        self._network = network
        self._plan = plan
        self._on_input = on_input
        self._input_hw = (plan.long_px, plan.long_px)
        self._is_closed = False

    @property
    def info(self) -> DensityModelInfo:
        """See `DensityCounter.info`."""
        facts, card = self._network.info, self._plan.card
        return DensityModelInfo(
            name=card.name,
            runtime=facts.runtime,
            precision=facts.precision,
            device=facts.device,
            input_hw=self._input_hw,
            stride=card.stride,
            sha256=card.sha256,
            parallel=facts.parallel,
        )

    def count(self, frame: Frame) -> CrowdMap:
        """See `DensityCounter.count`."""
        if self._is_closed:
            raise UnavailableError("the density counter has been closed")
        stride = self._plan.card.stride
        scaling = compute_scaling(frame.picture_wh, self._plan.long_px)
        self._input_hw = scaling.input_hw
        self._on_input(scaling.input_hw)
        scaled = scaling.resize(frame.image)
        exposure = measure_exposure(scaled)
        doubt = find_doubt(exposure, frame.picture_wh, scaled_wh=scaling.scaled_wh)
        if doubt:  # whatever the network would say of such a picture is made up
            people = np.zeros(scaling.map_hw(stride), np.float32)
        else:
            found = self._run(spread_levels(scaled, exposure), scaling)
            rows, columns = scaling.map_hw(stride)
            people, doubt = _only_numbers(found[:rows, :columns])
        return self._as_map(frame, scaling, people, doubt)

    def close(self) -> None:
        """See `DensityCounter.close`."""
        self._is_closed = True

    def _run(self, scaled: Image, scaling: Scaling) -> FloatMap:
        """Return a copy of the network's map, (h, w) float32."""
        request = self._network.open_request(scaling.input_hw)
        try:
            scaling.paint(scaled, request.canvas)
            request.start()
            if not request.wait(self._plan.timeout_s):
                raise UnavailableError(
                    f"the density network gave no answer within {self._plan.timeout_s:g} s"
                )
            return np.array(request.outputs()[0][0, 0], np.float32)
        finally:
            request.close()

    def _as_map(self, frame: Frame, scaling: Scaling, people: FloatMap, doubt: str) -> CrowdMap:
        card = self._plan.card
        cell_wh_px = scaling.cell_wh_px(card.stride)
        heads_px = np.zeros((0, 2), np.float32)
        if not doubt:
            heads_px = (find_heads(people) * np.array(cell_wh_px)).astype(np.float32)
            inside = np.all(heads_px < np.array(frame.picture_wh), axis=1)
            heads_px = heads_px[inside]
        people.flags.writeable = False
        heads_px.flags.writeable = False
        return CrowdMap(
            stream_time_s=frame.stream_time_s,
            segment=frame.segment,
            people=people,
            cell_wh_px=cell_wh_px,
            picture_wh=frame.picture_wh,
            heads_px=heads_px,
            error=card.error,
            crowded_per_cell=card.crowded_per_cell,
            doubt=doubt,
        )


def _only_numbers(people: FloatMap) -> tuple[FloatMap, str]:
    """Return the map without NaN, infinities and negative people, and what that makes of it."""
    is_number = np.isfinite(people)
    if is_number.all():
        return np.maximum(people, np.float32(0.0)), ""
    lost = int(people.size - is_number.sum())
    clean = np.where(is_number, np.maximum(people, np.float32(0.0)), np.float32(0.0))
    return (
        clean.astype(np.float32),
        f"The density network gave no number for {lost} of {people.size} cells.",
    )
