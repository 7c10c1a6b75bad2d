"""What a bad picture does to the numbers taken from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.measurements import Quality
from backend.core.trust import Trust
from backend.pipeline.picture_watch import distrust, distrust_places
from backend.vision.picture_health import BLACK, BLURRED, FROZEN, SHAKING, PictureVerdict
from tests import builders


def test_a_good_picture_changes_nothing() -> None:
    metrics = builders.metrics()
    assert distrust(metrics, PictureVerdict.good()) is metrics


@pytest.mark.parametrize("verdict", [BLACK, FROZEN])
def test_a_picture_that_shows_nothing_makes_every_number_unknown(verdict: PictureVerdict) -> None:
    metrics = replace(builders.metrics(), quality={"surge": Quality(Trust.OK)})
    found = distrust(metrics, verdict)
    assert (found.trust, found.trust_reason) == (Trust.UNKNOWN, verdict.reason)
    assert dict(found.quality) == {}, "each number is as good as the whole"


@pytest.mark.parametrize("verdict", [BLURRED, SHAKING])
def test_a_bad_picture_leaves_no_number_better_than_degraded(verdict: PictureVerdict) -> None:
    quality = {
        "surge": Quality(Trust.OK, low=1.0, high=2.0),
        "coherence": Quality(Trust.DEGRADED, "It lags."),
        "density_per_m2": Quality(Trust.UNKNOWN, "Not calibrated."),
    }
    metrics = replace(builders.metrics(), trust=Trust.ESTIMATED, quality=quality)
    found = distrust(metrics, verdict)
    assert (found.trust, found.trust_reason) == (Trust.DEGRADED, verdict.reason)
    assert found.count == metrics.count
    assert dict(found.quality) == {
        "surge": Quality(Trust.DEGRADED, verdict.reason, 1.0, 2.0),
        "coherence": Quality(Trust.DEGRADED, f"It lags. {verdict.reason}"),
        "density_per_m2": Quality(Trust.UNKNOWN, "Not calibrated."),
    }


def test_a_saturated_count_stays_saturated() -> None:
    metrics = replace(builders.metrics(), trust=Trust.SATURATED, trust_reason="Too many.")
    found = distrust(metrics, BLURRED)
    assert (found.trust, found.trust_reason) == (Trust.SATURATED, "Too many.")


def test_places_are_believed_no_more_than_the_picture_they_were_read_from() -> None:
    drawn = builders.camera_places(builders.zone(), builders.counting_line(), version=3)
    sure = builders.place_readings(drawn, count=4.0)
    assert distrust_places(sure, PictureVerdict.good()) is sure
    for verdict, trust in ((BLACK, Trust.UNKNOWN), (BLURRED, Trust.DEGRADED)):
        found = distrust_places(sure, verdict)
        assert found == builders.place_readings(
            drawn, count=4.0, trust=trust, trust_reason=verdict.reason
        )
    full = builders.place_readings(drawn, trust=Trust.SATURATED, trust_reason="Too many.")
    assert distrust_places(full, BLURRED) == full
