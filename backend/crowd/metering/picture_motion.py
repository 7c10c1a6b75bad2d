"""The motion of the picture on the ground, and when it stands for that of the people."""

from __future__ import annotations

import numpy as np

from backend.core.observation import FrameFacts
from backend.crowd.ground_flow import GroundFlow, ground_flow
from backend.crowd.metering.density_meter import GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.metering.map_flow import OCCUPIED_PER_M2, flow_of_people
from backend.crowd.oscillation import MIN_PEOPLE
from backend.crowd.stream_clock import StreamStep

EXPIRES_S = 1.0
"""Optical flow older than this says nothing of now, seconds of stream time."""

HOLD_SHARE = 0.5
"""The map goes on moving its people down to this share of the ten it began with."""


class PictureMotion:
    """Keeps the newest optical flow and says where motion is to be measured on it.

    Args:
        view: The calibration, prepared for this picture size.
    """

    def __init__(self, view: GroundView) -> None:
        self._view = view
        self.clear()

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._flow: GroundFlow | None = None
        self._age_s = 0.0
        self._is_dense = False

    def take(self, facts: FrameFacts, step: StreamStep) -> None:
        """Keep the newest motion of the picture for as long as it says anything of now."""
        self._age_s += step.elapsed_s
        if facts.picture_flow is not None:
            self._flow = ground_flow(
                facts.picture_flow,
                plane=self._view.plane,
                ground=self._view.ground,
                picture_wh=self._view.picture_wh,
                heights=self._view.heights,
            )
            self._age_s = 0.0
        elif self._age_s > EXPIRES_S:
            self._flow = None

    def choose(
        self,
        crowd: GroundCrowd,
        mapped: MapCrowd | None,
        *,
        is_saturated: bool,
        is_wanted: bool,
    ) -> GroundFlow | None:
        """Motion of the picture where motion is to be measured on it; None = on the tracks.

        It is where the density map counts ten people or more (a dense spot in a wide view
        matters, however many walk about freely), where the counter is saturated, and where the
        settings ask for it, as far as somebody is known to stand there. Only where the counter
        is saturated and no map tells who is where, all cells count.

        Args:
            crowd: The people with a box.
            mapped: Those of the density map; None = there is no map.
            is_saturated: The counter is beyond what it was validated for.
            is_wanted: The settings ask for optical flow.
        """
        limit = MIN_PEOPLE * (HOLD_SHARE if self._is_dense else 1.0)
        self._is_dense = mapped is not None and mapped.inside >= limit
        flow = self._flow
        if flow is None:
            return None
        if mapped is not None and is_saturated and mapped.is_live:
            return flow_of_people(flow, mapped, counted_only=False)
        if mapped is not None and self._is_dense:
            return flow_of_people(flow, mapped, counted_only=True)
        if is_saturated:
            return flow
        if not is_wanted:
            return None
        # Empty ground lies still and would slow everybody down.
        near = self._view.kernel.at(flow.positions_m, crowd.world_m)
        return flow.where(near >= OCCUPIED_PER_M2)

    def showing_anybody(self, moved: GroundFlow, crowd: GroundCrowd) -> GroundFlow:
        """The cells that show people, whether the density map counts them or boxes do.

        Args:
            moved: What `choose` gave: the cells that show people of the map.
            crowd: The people with a box.

        Returns:
            The newest motion of the picture in those cells and near people as far as they still
            count beside the map; without people of its own.
        """
        flow = self._flow
        if flow is None:
            return moved
        near = self._view.kernel.at(flow.positions_m, crowd.world_m, crowd.people)
        as_one = np.array([1.0, 1j])  # a cell is known by its middle, x and y in one number
        on_map = np.isin(flow.seen_px @ as_one, moved.seen_px @ as_one)
        return flow.where(on_map | (near >= OCCUPIED_PER_M2))
