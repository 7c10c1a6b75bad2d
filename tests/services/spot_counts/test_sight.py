"""What a frame says of the place that is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.measurements import CountMethod, CrowdPicture, Quality
from backend.core.places import PlaceReadings
from backend.core.trust import Trust
from backend.services.spot_counts.sight import border_of, sight_of
from tests import builders

CROWD = builders.metrics(
    count=38.4,
    count_low=33.2,
    count_high=43.9,
    count_method=CountMethod.BLEND,
    map_share=0.4,
    trust=Trust.UNKNOWN,
    quality={"count": Quality(Trust.DEGRADED, "Small model.")},
)
PLACES = builders.camera_places(builders.zone(7), version=3)


def test_the_whole_picture_has_the_count_of_its_frame_with_its_own_trust() -> None:
    sight = sight_of(builders.snapshot(crowd=CROWD, stream_time_s=9.0), None)
    assert sight is not None
    assert (sight.count, sight.low, sight.high) == (38.4, 33.2, 43.9)
    assert (sight.trust, sight.trust_reason) == (Trust.DEGRADED, "Small model.")
    assert (sight.method, sight.model, sight.zone) == (CountMethod.BLEND, "test", None)
    assert sight.at == builders.snapshot(stream_time_s=9.0).captured_at


@pytest.mark.parametrize(
    ("share", "method"),
    [(0.0, CountMethod.BOXES), (0.3, CountMethod.BLEND), (1.0, CountMethod.MAP)],
)
def test_a_zone_has_its_own_count(share: float, method: CountMethod) -> None:
    readings = builders.place_readings(PLACES, count=5.0, trust=Trust.ESTIMATED)
    readings = replace(readings, zones=(replace(readings.zones[0], map_share=share),))
    snapshot = builders.snapshot(crowd=CROWD, camera_places=PLACES, places=readings)
    sight = sight_of(snapshot, 7)
    assert sight is not None
    assert (sight.zone, sight.count, sight.trust) == (PLACES.zones[0], 5.0, Trust.ESTIMATED)
    assert sight.method is method
    assert border_of(snapshot, sight) == PLACES.zones[0].corners


def test_a_zone_that_was_not_measured_as_drawn_has_none() -> None:
    readings = builders.place_readings(PLACES, count=5.0)
    now = builders.snapshot(camera_places=PLACES, places=readings)
    assert sight_of(now, 8) is None
    assert sight_of(replace(now, places=replace(readings, version=2)), 7) is None
    assert sight_of(replace(now, places=PlaceReadings(3)), 7) is None


def test_a_calibrated_picture_is_counted_in_its_monitored_area() -> None:
    corners = ((32.0, 24.0), (320.0, 24.0), (320.0, 240.0))
    plain = builders.snapshot(crowd=CROWD)
    sight = sight_of(plain, None)
    assert sight is not None
    assert border_of(plain, sight) is None
    drawn = builders.snapshot(crowd=CROWD, picture=CrowdPicture(monitored_px=corners))
    assert border_of(drawn, sight) == ((0.1, 0.1), (1.0, 0.1), (1.0, 1.0))
