from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.flow_window import FlowWindow

ONE_WAY = np.tile([1.0, 0.0], (6, 1))
TWO_WAY = np.concatenate([ONE_WAY[:3], -ONE_WAY[:3]])


def _run(window: int, frames: list[FloatArray], rate: float) -> float:
    flow = FlowWindow()
    for velocity in frames:
        order = flow.update(velocity, elapsed_s=1 / rate, window=window)
    assert order is not None
    return order.coherence


def test_the_window_is_a_number_of_samples_fifth_of_a_second_apart() -> None:
    frames = [ONE_WAY] * 50 + [TWO_WAY] * 25
    assert _run(1, frames, rate=25) == pytest.approx(0.0)
    assert _run(10, frames, rate=25) == pytest.approx(0.5)
    assert _run(20, frames, rate=25) == pytest.approx(10 / 15)


@pytest.mark.parametrize("rate", [5, 10, 25, 50])
def test_the_frame_rate_does_not_matter(rate: int) -> None:
    frames = [ONE_WAY] * (2 * rate) + [TWO_WAY] * rate
    assert _run(10, frames, rate) == pytest.approx(0.5)


def test_too_few_moving_people_are_undefined_and_forget() -> None:
    flow = FlowWindow()
    flow.update(ONE_WAY, elapsed_s=0.0, window=10)
    assert flow.update(ONE_WAY[:4], elapsed_s=0.2, window=10) is None
    order = flow.update(TWO_WAY, elapsed_s=0.2, window=10)
    assert order is not None
    assert order.coherence == 0.0
    assert order.bidirectionality == 1.0
