"""Where a camera's density network gets its turns: the camera's own seat wherever it can."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from backend.vision.density.counter import DensityModelInfo
from backend.vision.inference.scheduler import InferenceScheduler, Seat, SeatPlan

COUNT_COST = 1.0
"""What one density map costs, in pictures of one tile: about as much as a detection."""


class DensitySeat:
    """Turns for density maps at the device that computes them.

    Where that is the detector's device they are taken at the camera's own seat, so that a
    camera with two networks has no more of the device than its share. Elsewhere a seat is
    opened there. A thread that waits there while it holds a turn here would keep other
    cameras from a device that it does not use (`is_elsewhere`): it reads its answers first.

    Args:
        own: The camera's seat; None where no turns are needed.
        own_device: Device of that seat.
        scheduler: Opens further seats; None where no turns are needed.
        is_live: Whether the camera is live; recordings come last.
    """

    def __init__(
        self,
        own: Seat | None = None,
        *,
        own_device: str = "",
        scheduler: InferenceScheduler | None = None,
        is_live: bool = True,
    ) -> None:
        self._own = own
        self._own_device = own_device
        self._scheduler = scheduler
        self._is_live = is_live
        self._other: Seat | None = None
        self._seat: Seat | None = own

    def sit_down(self, info: DensityModelInfo) -> None:
        """Take turns where this network is computed from now on."""
        if self._scheduler is None or info.device == self._own_device:
            return
        if self._other is None:
            plan = SeatPlan(info.device, info.parallel, self._is_live)
            self._seat = self._other = self._scheduler.open_seat(plan)

    def may_look(self, *, can_wait: bool) -> bool:
        """Whether nobody examines a picture at the device just now; see `Seat.may_survey`."""
        return self._seat is None or self._seat.may_survey(can_wait=can_wait)

    @property
    def is_elsewhere(self) -> bool:
        """Whether maps are computed at another device than the detector."""
        return self._other is not None

    def turn(self, *, can_wait: bool, waits: bool) -> AbstractContextManager[bool]:
        """Hold the right to one density map; gives whether there is one.

        Args:
            can_wait: As in `may_look`.
            waits: Wait for it at another device, too; at the camera's own it is waited for
                only while the camera holds no turn there, under which it could be made.
        """
        if self._seat is None:
            return nullcontext(True)
        may_wait = waits or not self.is_elsewhere
        return self._seat.survey(COUNT_COST, can_wait=can_wait, waits=may_wait)

    def close(self) -> None:
        """Leave the seat that was opened here; idempotent, from any thread."""
        if self._other is not None:
            self._other.close()
