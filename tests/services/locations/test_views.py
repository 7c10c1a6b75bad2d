"""What is shown of a location's numbers: every field of the reading, by the names clients know."""

from __future__ import annotations

from datetime import timedelta

from backend.core.locations import (
    AreaRef,
    AreaShare,
    CountPart,
    CountSource,
    DensityLevel,
    LineBalance,
    Location,
    LocationReading,
    TimeToLimit,
)
from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust
from backend.services.locations.views import numbers_view
from backend.services.metric_views import as_json
from tests.builders import EPOCH
from tests.services.locations.location_world import reading

HALL = Location(7, "Hall", capacity=200)
EARLIER = EPOCH - timedelta(minutes=5)


def test_everything_that_is_known_is_shown() -> None:
    known = LocationReading(
        location_id=7,
        at=EPOCH,
        count=190.0,
        count_low=180.0,
        count_high=None,
        source=CountSource.CAMERA,
        trust=Trust.SATURATED,
        trust_reason="Dense.",
        parts=(
            CountPart(CountSource.MANUAL, 20, 20, 20, Trust.ESTIMATED, "Typed.", True, EARLIER),
        ),
        shares=(
            AreaShare(AreaRef(1), 100, 90, Trust.OK, "", RiskLevel.CAUTION, 2.5),
            AreaShare(AreaRef(2, 5), 100, 100, Trust.UNKNOWN, "Lost."),
        ),
        balance=LineBalance(10.0, 7, 3, EARLIER, 12.5),
        occupancy_percent=95.0,
        density_level=DensityLevel.HIGH,
        density_from="occupancy",
        peak_density_per_m2=2.5,
        time_to_limit=TimeToLimit(0.5, 0.25, 0.75, 20.0, 13.0, None),
        risk_level=RiskLevel.CAUTION,
        causes=(Cause("people_limit", RiskLevel.CAUTION, 95.0, 80.0, "%", "Full."),),
        last_measured_at=EARLIER,
    )
    assert as_json(numbers_view(HALL, known)) == {
        "location_id": 7,
        "location_name": "Hall",
        "current_count": 190.0,
        "count_low": 180.0,
        "count_high": None,
        "source": "CAMERA",
        "trust": "saturated",
        "trust_reason": "Dense.",
        "capacity_limit": 200,
        "occupancy_percentage": 95.0,
        "density_level": "HIGH",
        "density_from": "occupancy",
        "peak_density_per_m2": 2.5,
        "risk_level": "CAUTION",
        "causes": [
            {
                "name": "people_limit",
                "level": "CAUTION",
                "value": 95.0,
                "limit": 80.0,
                "unit": "%",
                "text": "Full.",
            }
        ],
        "time_to_limit": {
            "inflow_per_s": 0.5,
            "inflow_low": 0.25,
            "inflow_high": 0.75,
            "seconds": 20.0,
            "low_s": 13.0,
            "high_s": None,
        },
        "parts": [
            {
                "source": "MANUAL",
                "count": 20,
                "count_low": 20,
                "count_high": 20,
                "trust": "estimated",
                "trust_reason": "Typed.",
                "is_used": True,
                "at": EARLIER.isoformat(),
            }
        ],
        "shares": [
            {
                "camera_id": 1,
                "zone_id": None,
                "count": 100,
                "counted": 90,
                "trust": "ok",
                "trust_reason": "",
                "risk_level": "CAUTION",
                "peak_density_per_m2": 2.5,
            },
            {
                "camera_id": 2,
                "zone_id": 5,
                "count": 100,
                "counted": 100,
                "trust": "unknown",
                "trust_reason": "Lost.",
                "risk_level": None,
                "peak_density_per_m2": None,
            },
        ],
        "balance": {
            "base": 10.0,
            "count_in": 7,
            "count_out": 3,
            "count": 14.0,
            "since": EARLIER.isoformat(),
            "unseen_s": 12.5,
        },
        "last_updated": EPOCH.isoformat(),
        "last_measured_at": EARLIER.isoformat(),
    }


def test_what_is_not_known_is_null_and_never_zero() -> None:
    shown = as_json(numbers_view(Location(7, "Hall"), reading(7)))
    for name in (
        "current_count",
        "count_low",
        "count_high",
        "source",
        "capacity_limit",
        "occupancy_percentage",
        "density_level",
        "peak_density_per_m2",
        "balance",
        "last_measured_at",
    ):
        assert shown[name] is None, name
    assert (shown["trust"], shown["density_from"]) == ("unknown", "")
