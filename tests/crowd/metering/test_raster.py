from __future__ import annotations

from itertools import pairwise

import pytest

from backend.crowd.metering.raster import Raster


@pytest.mark.parametrize(("rate", "expected"), [(50, 51), (25, 51), (12.5, 51), (10, 51), (4, 41)])
def test_ten_seconds_have_as_many_beats_at_any_frame_rate(rate: float, expected: int) -> None:
    beat = Raster(0.2)
    frames = [0.0] + [1 / rate] * round(10 * rate)
    assert sum(beat.is_due(elapsed_s) for elapsed_s in frames) == expected


def test_beats_do_not_drift_however_long_the_stream_runs() -> None:
    beat = Raster(0.2)
    beats = [k for k in range(150_000) if beat.is_due(1 / 30 if k else 0.0)]
    gaps = {after - before for before, after in pairwise(beats)}
    assert gaps == {6}


def test_after_a_gap_one_beat_is_due_and_no_more() -> None:
    beat = Raster(0.2)
    assert beat.is_due(0.0)
    assert beat.is_due(5.0)
    assert not beat.is_due(0.1)
    beat.clear()
    assert beat.is_due(0.0)
