"""One camera's analyser: tracks in, measurements out; all state that is kept lives here."""

from __future__ import annotations

import math
from dataclasses import replace

from backend.core.calibration import Calibration, Exit
from backend.core.camera import ModelInfo
from backend.core.frame import Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture, MotionSource
from backend.core.observation import FrameFacts
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.trust import Trust
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.capacity import InflowWindow, egress_time, time_to_capacity
from backend.crowd.counting import RecallTable
from backend.crowd.density import density_by_area
from backend.crowd.flow_window import FlowWindow
from backend.crowd.hybrid.blend import HybridCounter
from backend.crowd.hybrid.evidence import MapWitness
from backend.crowd.hybrid.place_count import HybridCount, PlaceSums, sum_place
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.compose import Scene, compose
from backend.crowd.metering.ground_meter import GroundMeter
from backend.crowd.metering.ground_view import GroundView, UnfitCalibrationError
from backend.crowd.metering.motion_reading import MotionReading
from backend.crowd.metering.picture_meter import measure_in_picture
from backend.crowd.metering.reading import Reading
from backend.crowd.metering.sighting import Sighting, SightingLog
from backend.crowd.metering.views import picture_of
from backend.crowd.motion import FlowOrder
from backend.crowd.params import AnalysisParams
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.places.places_meter import PlacesMeter
from backend.crowd.reliability import (
    Belief,
    SaturationLatch,
    Verdict,
    believe,
    judge_boxes,
    judge_calibration,
    judge_count,
    judge_people,
)
from backend.crowd.stream_clock import StreamClock, StreamStep
from backend.crowd.surge import SurgeWindow
from backend.crowd.trend import Trend


class CrowdAnalyzer:
    """Measures one camera's crowd, frame by frame, in stream time.

    Owned by one video thread. Nothing here knows the wall clock: playing a recording at any
    speed, or dropping frames, gives the same numbers. Memory is bounded by the people in view.

    With a calibration the count and all that rests on it are those of the monitored area.

    Args:
        params: Live settings.
        area_m2: Monitored area typed in by hand, m², used only without a calibration; None =
            density is not defined.
        people_limit: People the place may hold; decides with ``area_m2`` what the level can
            rest on, and so the trust state.
        model: The detector whose boxes come in; its input size turns box heights into what the
            network saw, which is what recall depends on. None: 640 px, one tile.
        calibration: Ground plane in force; None = nothing is measured in metres.
        exits: Ways out; empty = clearance time is not defined.
        recall: What is known of the detector; None: measured tables by kind of detector.
    """

    def __init__(
        self,
        params: AnalysisParams,
        *,
        area_m2: float | None,
        people_limit: int | None,
        model: ModelInfo | None = None,
        calibration: Calibration | None = None,
        exits: tuple[Exit, ...] = (),
        recall: RecallTable | None = None,
    ) -> None:
        if area_m2 is not None and not area_m2 > 0:
            raise ValueError(f"area_m2 must be above 0 m² or None, got {area_m2}")
        self._params = params
        self._area_m2 = area_m2 if calibration is None else None
        self._people_limit = people_limit
        self._calibration = calibration
        self._exits = exits
        self._clock = StreamClock()
        self._sightings = SightingLog(model, recall)
        self._meter: GroundMeter | None = None
        self._misfit: tuple[tuple[int, int], str] | None = None
        self._is_metric = False
        self._motion_source = MotionSource.TRACKS
        self._flow = FlowWindow()
        self._surge = SurgeWindow()
        self._inflow = InflowWindow()
        self._density_trend = Trend()
        self._saturation = SaturationLatch()
        self._hybrid = HybridCounter()
        self._witness = MapWitness()
        self._places = PlacesMeter()

    @property
    def place_readings(self) -> PlaceReadings:
        """What the last `update` measured of the places."""
        return self._places.readings

    def set_params(self, params: AnalysisParams) -> None:
        """Use other live settings from the next frame on; nothing measured is forgotten."""
        self._params = params

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from the next frame on.

        What keeps its id and its geometry keeps what was measured of it.

        Raises:
            ValueError: An id twice, a zone that is no polygon, a line of no length.
        """
        self._places.set_places(places)

    def update(self, tracks: Tracks, facts: FrameFacts) -> tuple[CrowdMetrics, CrowdPicture]:
        """Measure one frame.

        Args:
            tracks: Confirmed tracks visible in the frame.
            facts: The rest that is known of the frame.

        Returns:
            The measurements, and the geometry for overlays. Both immutable.
        """
        step = self._clock.advance(facts.stream_time_s, segment=facts.segment)
        meter, fault = self._ground_of(facts)
        self._forget_what_ended(step, is_metric=meter is not None)
        saturation = self._saturation.update(facts.saturation, total_s=step.total_s)
        seen = self._sightings.see(tracks, facts)
        hybrid = self._hybrid.update(
            seen, facts, step=step, ground_m2=None if meter is None else meter.view.cell_ground_m2
        )
        whole = sum_place(seen.weights, hybrid)
        standing = self._witness.update(
            seen.weights,
            hybrid,
            whole,
            is_saturated=saturation.trust is Trust.SATURATED,
            missed_high=self._saturation.missed_high(total_s=step.total_s),
            total_s=step.total_s,
        )
        people = judge_people(saturation, standing)
        if meter is None:
            reading = measure_in_picture(
                seen, picture_width_px=facts.picture_wh[0], params=self._params
            )
        else:
            reading = meter.measure(
                seen,
                facts,
                step=step,
                params=self._params,
                is_saturated=people.trust is Trust.SATURATED,
                hybrid=hybrid,
            )
        belief = self._believe(people, judge_boxes(saturation, standing), facts, fault)
        self._places.update(
            PlaceFrame(
                seen,
                reading,
                facts,
                step,
                belief,
                hybrid=hybrid,
                view=None if meter is None else meter.view,
                missed=self._saturation.missed_high(total_s=step.total_s),
            )
        )
        sums = whole if meter is None else _sum_monitored(seen, reading, hybrid, meter)
        scene = self._scene(
            sums.count(),
            reading,
            belief,
            facts=facts,
            step=step,
            is_placed=_is_placed(hybrid, meter),
        )
        outline_px = None if meter is None else meter.view.outline_px
        picture = picture_of(
            seen, reading, outline_px, crowd_map=self._hybrid.crowd_map, hybrid=hybrid
        )
        return compose(scene), picture

    def _ground_of(self, facts: FrameFacts) -> tuple[GroundMeter | None, str]:
        """The meter for this frame, or why there is none."""
        if self._calibration is None:
            return None, ""
        if facts.calibration_fault:
            return None, facts.calibration_fault
        if self._misfit is not None and self._misfit[0] == facts.picture_wh:
            return None, self._misfit[1]
        if self._meter is None or self._meter.view.picture_wh != facts.picture_wh:
            try:
                view = GroundView.of(self._calibration, facts.picture_wh)
            except UnfitCalibrationError as error:
                self._misfit = facts.picture_wh, str(error)
                return None, str(error)
            self._meter = GroundMeter(view)
        return self._meter, ""

    def _forget_what_ended(self, step: StreamStep, *, is_metric: bool) -> None:
        """Start windows afresh with a segment, and when the ground comes or goes.

        With the ground the people counted are others (those in the monitored area), which must
        not look like a surge.
        """
        changed = is_metric is not self._is_metric
        self._is_metric = is_metric
        if not (step.is_new_segment or changed):
            return
        self._flow.clear()
        self._surge.clear()
        self._inflow.clear()
        if self._meter is not None:
            self._meter.clear()

    def _believe(self, people: Verdict, boxes: Verdict, facts: FrameFacts, fault: str) -> Belief:
        count, tracked = (
            judge_count(each, reduced_accuracy=facts.reduced_accuracy, lag_s=facts.lag_s)
            for each in (people, boxes)
        )
        calibration = None
        if self._calibration is not None:
            calibration = judge_calibration(self._calibration, fault=fault)
        return believe(
            count,
            calibration,
            has_area=self._area_m2 is not None,
            has_people_limit=self._people_limit is not None,
            told_apart=None if people is boxes else tracked,
        )

    def _scene(
        self,
        counted: HybridCount,
        reading: Reading,
        belief: Belief,
        *,
        facts: FrameFacts,
        step: StreamStep,
        is_placed: bool,
    ) -> Scene:
        """Carry the windows of count, density and flow on by one frame."""
        count = counted.estimate
        is_saturated = belief.count.trust is Trust.SATURATED
        # what is missed all the time hides no change: the margin of changes leaves it out
        margin = None if is_saturated else count.high - count.count
        # the survey speaks of the boxes: whom the map counts already, they may well miss
        missed = self._saturation.missed_high(total_s=step.total_s)
        count = replace(count, high=max(count.high, counted.boxes.count + missed))
        high = None if is_saturated or not is_placed else count.high
        area_m2 = self._area_now()
        density = None if area_m2 is None else density_by_area(count.count, area_m2)
        trend = self._density_trend.update(
            density, alpha_per_s=self._params.ema_alpha, elapsed_s=step.elapsed_s
        )
        inflow = self._inflow.update(counted.tally, margin, facts.stream_time_s)
        return Scene(
            reading=reading,
            count=count,
            count_high=high,
            belief=belief,
            area_m2=area_m2,
            density_per_m2=density,
            density_ema_per_m2=None if density is None else trend,
            calibration=self._calibration,
            order=self._flow_order(reading.motion, step),
            surge=self._surge.update(counted.tally, margin, stream_time_s=facts.stream_time_s),
            inflow=inflow,
            to_capacity=time_to_capacity(
                count.count,
                self._people_limit,
                inflow,
                count_low=count.low,
                count_high=math.inf if high is None else high,
            ),
            egress=egress_time(count.count, count.low, high, self._exits),
            map_share=counted.map_share,
        )

    def _area_now(self) -> float | None:
        """Monitored area; None while a calibration does not fit the picture."""
        if self._is_metric and self._meter is not None:
            return self._meter.view.ground.area_m2
        return self._area_m2

    def _flow_order(self, motion: MotionReading, step: StreamStep) -> FlowOrder | None:
        """Flow order over the last seconds; headings of two sources are never averaged."""
        if motion.source is not self._motion_source:
            self._motion_source = motion.source
            self._flow.clear()
        return self._flow.update(
            motion.moving, elapsed_s=step.elapsed_s, window=self._params.coherence_window
        )


def _is_placed(hybrid: HybridReading | None, meter: GroundMeter | None) -> bool:
    """Whether it is known how many people of the density map stand in the monitored area.

    Not where their heads are taken for ground: some who stand in it are put beside it, and
    nothing says how many.
    """
    if hybrid is None or meter is None or meter.view.heads.basis is not HeadBasis.PLANE:
        return True
    return not hybrid.has_say


def _sum_monitored(
    seen: Sighting, reading: Reading, hybrid: HybridReading | None, meter: GroundMeter
) -> PlaceSums:
    """Add up the people of the monitored area."""
    cells = None
    if hybrid is not None:
        cells = meter.view.map_inside(hybrid.people.shape, hybrid.map_people.cell_wh_px)
    return sum_place(seen.weights, hybrid, tracks=reading.inside, cells=cells)
