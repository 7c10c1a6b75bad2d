"""Averages of counts say no more than the pictures do."""

from __future__ import annotations

import pytest

from backend.core.measurements import Quality
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.services.detection.spans import SpanCount
from tests import builders


def shot(count: float, low: float, high: float | None, quality: Quality | None = None) -> Snapshot:
    return builders.snapshot(
        crowd=builders.metrics(
            count=count,
            count_low=low,
            count_high=high,
            quality={"count": quality or Quality()},
        )
    )


def span(*shots: Snapshot, every_s: float = 1.0) -> SpanCount:
    counts = SpanCount()
    for number, snapshot in enumerate(shots):
        counts.add(snapshot, at_s=100.0 + number * every_s)
    return counts


def test_count_and_interval_are_means() -> None:
    counts = span(shot(4, 3, 6), shot(6, 5, 8))
    mean = counts.mean(2.0)
    assert (mean.count, mean.low, mean.high, mean.quality.trust) == (5, 4, 7, Trust.OK)
    view = counts.view()
    assert (view.pictures, view.mean, view.minimum, view.maximum) == (2, 5, 4, 6)
    assert view.duration_s == 1.0


def test_one_saturated_picture_makes_the_mean_a_lower_bound() -> None:
    dense = Quality(Trust.SATURATED, "Too dense.")
    mean = span(shot(4, 3, 6), shot(2, 1, None, dense), shot(4, 3, 6)).mean(3.0)
    assert mean.high is None
    assert mean.quality == dense


@pytest.mark.parametrize(
    ("pictures", "every_s", "wanted_s", "trust"),
    [
        (10, 1.0, 10.0, Trust.OK),
        (2, 5.0, 10.0, Trust.OK),
        (3, 1.0, 10.0, Trust.DEGRADED),
        (1, 1.0, 10.0, Trust.DEGRADED),
    ],
)
def test_pictures_must_cover_the_span(
    pictures: int, every_s: float, wanted_s: float, trust: Trust
) -> None:
    quality = span(*[shot(4, 3, 6)] * pictures, every_s=every_s).mean(wanted_s).quality
    assert quality.trust is trust
    assert ("were asked for" in quality.reason) is (trust is Trust.DEGRADED)


def test_a_short_span_makes_what_is_bad_no_better() -> None:
    quality = span(shot(4, 3, None, Quality(Trust.SATURATED, "Too dense."))).mean(10.0).quality
    assert quality.trust is Trust.SATURATED
    assert quality.reason.startswith("Too dense. 1 picture")
