"""Risk of the zones of one camera: readings in, level, score and named causes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from backend.core.measurements import NO_QUALITIES, CrowdMetrics, Quality
from backend.core.places import CameraPlaces, PlaceReadings, Zone, ZoneReading
from backend.core.risk import RiskAssessment, ZoneRisk
from backend.core.trust import Trust
from backend.crowd.stagnation import StagnationTimer
from backend.crowd.stream_clock import StreamClock, StreamStep
from backend.risk.calculator import TOLD_APART, RiskCalculator
from backend.risk.params import RiskParams
from backend.risk.zone_demands import compute_zone_demands
from backend.risk.zone_profiles import PROFILE_RULES, profile_params

CROWD_PEOPLE = 2.0
"""People of the density map in a zone from which they can stand too close to be told apart."""


class ZoneRisks:
    """Level and score of every zone of one camera, in stream time.

    Each zone goes by the rules of a camera (`RiskCalculator`), with the bands of its profile and
    the limits people gave it. What is not measured by zone (surge, disorder, rapid movement,
    oscillation) demands nothing of it; the camera's own level has it. Owned by one video thread.

    Args:
        params: Live settings.
    """

    def __init__(self, params: RiskParams) -> None:
        self._params = params
        self._zones: dict[int, _ZoneState] = {}
        self._clock = StreamClock()
        self._elapsed_s = 0.0
        self._is_new_segment = False
        self._read: tuple[tuple[ZoneReading, ...], CameraPlaces] | None = None
        self._newest: tuple[ZoneRisk, ...] = ()

    def set_params(self, params: RiskParams) -> None:
        """Use other live settings from the next readings on; timers keep what they have run."""
        self._params = params
        for state in self._zones.values():
            state.set_params(params)

    def update(
        self,
        places: CameraPlaces,
        readings: PlaceReadings,
        *,
        stream_time_s: float,
        segment: int,
    ) -> tuple[ZoneRisk, ...]:
        """Assess one frame.

        Args:
            places: Zones as they were drawn when the readings were taken.
            readings: What was measured of them; the same tuple of zones again says nothing new
                (zones are measured once a second).
            stream_time_s: Presentation time within the segment, seconds.
            segment: Grows with every reconnect.

        Returns:
            One risk for each zone that was read, in the order of the readings.
        """
        step = self._clock.advance(stream_time_s, segment=segment)
        self._elapsed_s += step.elapsed_s
        self._is_new_segment |= step.is_new_segment
        if self._is_read(readings.zones, places):
            return self._newest
        self._read = (readings.zones, places)
        step = StreamStep(self._elapsed_s, self._is_new_segment, step.total_s)
        self._elapsed_s, self._is_new_segment = 0.0, False
        drawn = {zone.zone_id: zone for zone in places.zones}
        self._zones = {key: state for key, state in self._zones.items() if key in drawn}
        self._newest = tuple(
            ZoneRisk(reading.zone_id, self._state(drawn[reading.zone_id]).update(reading, step))
            for reading in readings.zones
            if reading.zone_id in drawn
        )
        return self._newest

    def _is_read(self, zones: tuple[ZoneReading, ...], places: CameraPlaces) -> bool:
        """Whether this was assessed before: compared by identity, as the meter hands it out."""
        return self._read is not None and self._read[0] is zones and self._read[1] is places

    def _state(self, zone: Zone) -> _ZoneState:
        """Return the state of a zone; one drawn anew begins anew."""
        state = self._zones.get(zone.zone_id)
        if state is None or not state.is_of(zone):
            state = self._zones[zone.zone_id] = _ZoneState(zone, self._params)
        state.set_use(zone, self._params)
        return state


class _ZoneState:
    """Timers of one zone."""

    def __init__(self, zone: Zone, params: RiskParams) -> None:
        self._zone = zone
        self._stagnation = StagnationTimer()
        self._total_s = 0.0
        self._calculator = RiskCalculator(
            profile_params(zone.profile, params),
            people_limit=None,
            weighs_slowness=PROFILE_RULES[zone.profile].weighs_slowness,
            further=partial(compute_zone_demands, zone),
        )

    def is_of(self, zone: Zone) -> bool:
        """Whether this is the same part of the picture, whatever it is used for."""
        return self._zone.corners == zone.corners

    def set_use(self, zone: Zone, params: RiskParams) -> None:
        """Take over a changed profile and changed limits of the same zone; timers go on."""
        if zone is self._zone:
            return
        self._zone = zone
        self._calculator.set_params(profile_params(zone.profile, params))
        self._calculator.set_use(
            weighs_slowness=PROFILE_RULES[zone.profile].weighs_slowness,
            further=partial(compute_zone_demands, zone),
        )

    def set_params(self, params: RiskParams) -> None:
        self._calculator.set_params(profile_params(self._zone.profile, params))

    def update(self, reading: ZoneReading, step: StreamStep) -> RiskAssessment:
        if step.is_new_segment:
            self._stagnation.clear()
        metrics = _metrics_of(reading)
        stagnant = self._stagnation.update(
            metrics.peak_density_per_m2, metrics.mean_speed_mps, elapsed_s=step.elapsed_s
        )
        # the time of this zone alone: the break of a reconnect is taken out of it already
        self._total_s += step.elapsed_s
        return self._calculator.update(
            replace(metrics, stagnant=stagnant), stream_time_s=self._total_s, segment=0
        )


def _metrics_of(reading: ZoneReading) -> CrowdMetrics:
    """Return a zone's numbers as those of a place, without what is not known now.

    No timer runs on a number that is left out, and none resets. Where no peak could be found
    the mean density stands for it: the peak is no lower.
    """
    counted = CrowdMetrics(
        count=reading.count,
        count_low=reading.count_low,
        count_high=reading.count_high,
        map_share=reading.map_share,
        trust=reading.trust,
        trust_reason=reading.trust_reason,
        quality=_quality_of(reading),
    )
    if Trust.UNKNOWN in (reading.trust, reading.metres_trust):
        return counted
    peak = reading.peak_density_per_m2
    return replace(
        counted,
        area_m2=reading.area_m2,
        density_per_m2=reading.density_per_m2,
        peak_density_per_m2=reading.density_per_m2 if peak is None else peak,
        mean_speed_mps=reading.mean_speed_mps,
        crowd_pressure_per_s2=reading.crowd_pressure_per_s2,
        pressure_density_per_m2=reading.crowd_pressure_density_per_m2,
    )


def _quality_of(reading: ZoneReading) -> Mapping[str, Quality]:
    """Say where people of the map stand too close for the boxes, and how far they are rated.

    Saturated boxes are the camera's, wherever its crowd is: a zone in which the map counts
    nearly nobody holds none of it. Where the map's people stand is not known for a zone whose
    count has no upper end, so its peak has none either; nor has a mean that stands for a peak.
    """
    if reading.map_share * reading.count < CROWD_PEOPLE:
        return NO_QUALITIES
    is_bounded = reading.count_high is not None and reading.peak_density_per_m2 is not None
    return {
        TOLD_APART: Quality(reading.told_apart_trust),
        "peak_density_per_m2": Quality(high=reading.peak_density_per_m2 if is_bounded else None),
    }
