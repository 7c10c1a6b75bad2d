"""Measurements of a calibrated camera, in metres; owns all windows that need a ground plane."""

from __future__ import annotations

import numpy as np

from backend.core.frame import FloatArray
from backend.core.observation import FrameFacts
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.history import TrackHistory
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.density_meter import DensityMeter, DensityReading, GroundCrowd
from backend.crowd.metering.ground_groups import group_on_ground
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.metering.motion_reading import (
    MotionReading,
    motion_of_flow,
    motion_of_people,
    motion_on_ground,
)
from backend.crowd.metering.picture_motion import PictureMotion
from backend.crowd.metering.raster import Raster
from backend.crowd.metering.reading import GroundReading, Reading
from backend.crowd.metering.sighting import Sighting
from backend.crowd.metering.sway import GroundFrame, SwayMeter
from backend.crowd.motion import VelocityFit, fit_velocities
from backend.crowd.params import AnalysisParams
from backend.crowd.pressure import PressureReading, PressureWindow
from backend.crowd.pressure_window import VelocitySource
from backend.crowd.stagnation import StagnationTimer
from backend.crowd.still_noise import VelocityNoise
from backend.crowd.stream_clock import StreamStep

DENSITY_INTERVAL_S = 0.2
"""Stream time between two measurements of local density, pressure and sway."""


class GroundMeter:
    """State of one calibrated camera between frames.

    Local density, pressure and sway are measured on a beat of 5 Hz of stream time and are at
    most 0.2 s old (a slower stream: new in every frame), the Voronoi density one second;
    everything else is new in every frame.

    Args:
        view: The calibration, prepared for this picture size.
    """

    def __init__(self, view: GroundView) -> None:
        self.view = view
        self._history = TrackHistory()
        self._beat = Raster(DENSITY_INTERVAL_S)
        self._densities = DensityMeter(view)
        self._pressures = PressureWindow(view.kernel, within=view.monitored_nodes)
        self._sway = SwayMeter(view)
        self._picture = PictureMotion(view)
        self._stagnation = StagnationTimer()
        self.clear()

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return len(self._history)

    def clear(self) -> None:
        """Forget everything (a new segment has begun, or the view did not fit for a while)."""
        self._history = TrackHistory()
        self._beat.clear()
        self._densities.clear()
        self._pressures.clear()
        self._sway.clear()
        self._picture.clear()
        self._stagnation.clear()
        self._since_beat_s = 0.0
        self._density: DensityReading | None = None
        self._pressure: PressureReading | None = None

    def measure(
        self,
        seen: Sighting,
        facts: FrameFacts,
        *,
        step: StreamStep,
        params: AnalysisParams,
        is_saturated: bool,
        hybrid: HybridReading | None = None,
    ) -> Reading:
        """Measure one frame.

        Args:
            seen: The tracks.
            facts: Time of the frame and, where computed, the motion of the picture.
            step: Elapsed stream time.
            params: Live settings.
            is_saturated: The counter is beyond what it was validated for: motion is measured on
                the picture where that is known.
            hybrid: How boxes and density map share the frame; None = the boxes alone count.
        """
        placed = self.view.place(seen.boxes)
        inside = self.view.ground.contains(placed.world_m)
        rows = np.flatnonzero(np.isfinite(placed.world_m).all(axis=1))
        mapped = None if hybrid is None else MapCrowd.of(hybrid, self.view)
        crowd = GroundCrowd(
            rows,
            placed.world_m[rows],
            inside[rows],
            seen.weights.of(rows),
            None if hybrid is None else hybrid.track_share[rows],
        )
        fit = self._follow(seen, crowd, facts)
        people = fit.without_noise_bias()
        velocity_px = self.view.in_picture(placed.foot_px, people.velocity)
        tracked = motion_on_ground(
            people, velocity_px, inside, z_limit=params.anomaly_velocity_zscore
        )
        self._picture.take(facts, step)
        followed = np.zeros(len(seen))
        if crowd.share is not None and not is_saturated:
            followed[crowd.rows] = crowd.share * crowd.inside
        motion, flow = self._move(
            crowd,
            mapped,
            people,
            tracked,
            followed,
            is_saturated=is_saturated,
            is_wanted=params.optical_flow,
        )
        if flow is None:
            followed = inside.astype(np.float64)
        elif flow.people is None:
            followed = np.zeros(len(seen))
        frame = GroundFrame(crowd, fit.velocity[rows], flow, is_saturated)
        density = self._measure_density(seen, frame, mapped, step)
        clusters, pairs = group_on_ground(seen, crowd, params)
        return Reading(
            inside=inside,
            velocity_px=velocity_px,
            motion=motion,
            clusters=clusters,
            pairs=pairs,
            ground=GroundReading(
                world_m=placed.world_m,
                foot_px=placed.foot_px,
                velocity_mps=people.velocity,
                flow=flow,
                followed=followed,
                density=density,
                pressure=self._pressure,
                pressures=self._pressures.field(),
                oscillation=self._sway.found,
                is_stagnant=self._stagnation.update(
                    density.peak.value_per_m2, motion.mean_mps, elapsed_s=step.elapsed_s
                ),
            ),
        )

    def _follow(self, seen: Sighting, crowd: GroundCrowd, facts: FrameFacts) -> VelocityFit:
        """Velocities of all N tracks; NaN for those who cannot be placed now."""
        ids = seen.tracks.track_ids[crowd.rows]
        self._history.append(
            ids, crowd.world_m, stream_time_s=facts.stream_time_s, segment=facts.segment
        )
        paths = self._history.of(ids)
        placed = fit_velocities(paths.times_s, paths.positions)
        velocity = np.full((len(seen), 2), np.nan)
        error = np.full(len(seen), np.nan)
        is_jump = np.zeros(len(seen), np.bool_)
        velocity[crowd.rows] = placed.velocity
        error[crowd.rows] = placed.standard_error
        is_jump[crowd.rows] = placed.is_jump
        return VelocityFit(velocity, error, is_jump)

    def _move(
        self,
        crowd: GroundCrowd,
        mapped: MapCrowd | None,
        people: VelocityFit,
        tracked: MotionReading,
        followed: FloatArray,
        *,
        is_saturated: bool,
        is_wanted: bool,
    ) -> tuple[MotionReading, GroundFlow | None]:
        """How the people move, and the motion of the picture if it was measured on that."""
        flow = self._picture.choose(crowd, mapped, is_saturated=is_saturated, is_wanted=is_wanted)
        if flow is None:
            return tracked, None
        if flow.people is None:
            return motion_of_flow(flow, tracked), flow
        return motion_of_people(flow, people, followed, tracked), flow

    def _measure_density(
        self, seen: Sighting, frame: GroundFrame, mapped: MapCrowd | None, step: StreamStep
    ) -> DensityReading:
        self._since_beat_s += step.elapsed_s
        if not self._beat.is_due(step.elapsed_s) and self._density is not None:
            return self._density
        density = self._densities.measure(frame.crowd, elapsed_s=self._since_beat_s, mapped=mapped)
        self._pressure = self._measure_pressure(seen, frame, density)
        self._sway.measure(frame, density, total_s=step.total_s)
        self._since_beat_s = 0.0
        self._density = density
        return density

    def _measure_pressure(
        self, seen: Sighting, frame: GroundFrame, density: DensityReading
    ) -> PressureReading | None:
        if frame.flow is not None:
            flow, source = frame.flow, VelocitySource.PICTURE_BY_BOXES
            if flow.people is not None:
                # the picture sees those with a box as well: one source, and its noise, for all
                flow = self._picture.showing_anybody(flow, frame.crowd)
                source = VelocitySource.PICTURE_BY_MAP
            elif frame.is_saturated:
                source = VelocitySource.PICTURE
            return self._pressures.update(
                flow.positions_m,
                flow.velocity_mps,
                elapsed_s=self._since_beat_s,
                noise=VelocityNoise(2 * flow.noise_mps**2, 0.0, is_measured=True),
                density=density.field,
                source=source,
            )
        rows = frame.crowd.rows
        return self._pressures.update(
            frame.crowd.world_m,
            frame.velocity_mps,
            elapsed_s=self._since_beat_s,
            track_ids=seen.tracks.track_ids[rows],
            metres_per_px=self.view.plane.metres_per_pixel(seen.feet_px[rows]),
            density=density.field,
        )
