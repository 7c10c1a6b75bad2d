"""Flow order averaged over the last samples (setting COHERENCE_WINDOW)."""

from __future__ import annotations

from collections import deque

from backend.core.frame import FloatArray
from backend.crowd.motion import FlowOrder, flow_order

SAMPLE_INTERVAL_S = 0.2
"""Stream time between two samples; a slower stream gives one sample a frame."""


class FlowWindow:
    """Mean of the newest samples of coherence and bidirectionality.

    A sample is `flow_order` of one instant. Sampling on a clock of stream time instead of
    every frame makes the window the same two seconds at 10 and at 50 frames a second.
    An instant with fewer than 5 moving people is undefined and empties the window.
    """

    def __init__(self) -> None:
        self._samples: deque[FlowOrder] = deque()
        self._since_s = 0.0

    def clear(self) -> None:
        """Forget all samples (a new segment has begun)."""
        self._samples.clear()
        self._since_s = 0.0

    def update(self, velocity: FloatArray, *, elapsed_s: float, window: int) -> FlowOrder | None:
        """Take the velocities of the people moving now and return the averaged order.

        Args:
            velocity: (M, 2) float64, moving people only.
            elapsed_s: Stream time since the last call, seconds.
            window: Number of samples averaged, at least 1.

        Returns:
            Mean coherence and bidirectionality over at most ``window`` samples and the
            disorder that follows from them; None below 5 moving people.
        """
        self._since_s += elapsed_s
        now = flow_order(velocity)
        if now is None:
            self.clear()
            return None
        # Half a millisecond of slack: stamps of 25 fps video do not add up to 0.2 exactly.
        if not self._samples or self._since_s >= SAMPLE_INTERVAL_S - 5e-4:
            self._samples.append(now)
            self._since_s = 0.0
        while len(self._samples) > window:
            self._samples.popleft()
        coherence = sum(order.coherence for order in self._samples) / len(self._samples)
        two_way = sum(order.bidirectionality for order in self._samples) / len(self._samples)
        return FlowOrder(coherence, two_way, max(0.0, 1.0 - max(coherence, two_way)))
