"""Measurements of a calibrated camera, in metres; owns all windows that need a ground plane."""

from __future__ import annotations

import numpy as np

from backend.core.observation import FrameFacts
from backend.crowd.ground_flow import GroundFlow, ground_flow
from backend.crowd.history import TrackHistory
from backend.crowd.metering.density_meter import DensityMeter, DensityReading, GroundCrowd
from backend.crowd.metering.ground_groups import group_on_ground
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.motion_reading import motion_of_flow, motion_on_ground
from backend.crowd.metering.raster import Raster
from backend.crowd.metering.reading import GroundReading, Reading
from backend.crowd.metering.sighting import Sighting
from backend.crowd.metering.sway import GroundFrame, SwayMeter
from backend.crowd.motion import VelocityFit, fit_velocities
from backend.crowd.params import AnalysisParams
from backend.crowd.pressure import PressureReading, PressureWindow
from backend.crowd.stagnation import StagnationTimer
from backend.crowd.still_noise import VelocityNoise
from backend.crowd.stream_clock import StreamStep

DENSITY_INTERVAL_S = 0.2
"""Stream time between two measurements of local density, pressure and sway."""

OCCUPIED_PER_M2 = 0.15
"""Local density from which a picture cell shows people: one person within 0.87 m."""

FLOW_EXPIRES_S = 1.0
"""Optical flow older than this says nothing of now, seconds of stream time."""


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
        self._stagnation.clear()
        self._since_beat_s = 0.0
        self._density: DensityReading | None = None
        self._pressure: PressureReading | None = None
        self._flow: GroundFlow | None = None
        self._flow_age_s = 0.0

    def measure(
        self,
        seen: Sighting,
        facts: FrameFacts,
        *,
        step: StreamStep,
        params: AnalysisParams,
        is_saturated: bool,
    ) -> Reading:
        """Measure one frame.

        Args:
            seen: The tracks.
            facts: Time of the frame and, where computed, the motion of the picture.
            step: Elapsed stream time.
            params: Live settings.
            is_saturated: The counter is beyond what it was validated for: motion is measured on
                the picture where that is known.
        """
        placed = self.view.place(seen.boxes)
        inside = self.view.ground.contains(placed.world_m)
        rows = np.flatnonzero(np.isfinite(placed.world_m).all(axis=1))
        crowd = GroundCrowd(rows, placed.world_m[rows], inside[rows], seen.weights.of(rows))
        fit = self._follow(seen, crowd, facts)
        people = fit.without_noise_bias()
        velocity_px = self.view.in_picture(placed.foot_px, people.velocity)
        tracked = motion_on_ground(
            people, velocity_px, inside, z_limit=params.anomaly_velocity_zscore
        )
        self._take_flow(facts, step)
        flow = self._flow if is_saturated or params.optical_flow else None
        if flow is not None and not is_saturated:
            flow = self._on_people(flow, crowd)
        motion = tracked if flow is None else motion_of_flow(flow, tracked)
        frame = GroundFrame(crowd, fit.velocity[rows], flow, is_saturated)
        density = self._measure_density(seen, frame, step)
        mean_speed = motion.mean_mps
        clusters, pairs = group_on_ground(seen, crowd, params)
        return Reading(
            inside=inside,
            velocity_px=velocity_px,
            motion=motion,
            clusters=clusters,
            pairs=pairs,
            ground=GroundReading(
                world_m=placed.world_m,
                velocity_mps=people.velocity,
                density=density,
                pressure=self._pressure,
                oscillation=self._sway.found,
                is_stagnant=self._stagnation.update(
                    density.peak.value_per_m2, mean_speed, elapsed_s=step.elapsed_s
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

    def _take_flow(self, facts: FrameFacts, step: StreamStep) -> None:
        """Keep the newest motion of the picture for as long as it says anything of now."""
        self._flow_age_s += step.elapsed_s
        if facts.picture_flow is not None:
            self._flow = ground_flow(
                facts.picture_flow,
                plane=self.view.plane,
                ground=self.view.ground,
                picture_wh=self.view.picture_wh,
            )
            self._flow_age_s = 0.0
        elif self._flow_age_s > FLOW_EXPIRES_S:
            self._flow = None

    def _on_people(self, flow: GroundFlow, crowd: GroundCrowd) -> GroundFlow:
        """Cells where somebody stands: empty ground lies still and would slow everybody down.

        Where the counter is saturated it does not know who stands where; there all cells count.
        """
        near = self.view.kernel.at(flow.positions_m, crowd.world_m)
        return flow.where(near >= OCCUPIED_PER_M2)

    def _measure_density(
        self, seen: Sighting, frame: GroundFrame, step: StreamStep
    ) -> DensityReading:
        self._since_beat_s += step.elapsed_s
        if not self._beat.is_due(step.elapsed_s) and self._density is not None:
            return self._density
        density = self._densities.measure(frame.crowd, elapsed_s=self._since_beat_s)
        self._pressure = self._measure_pressure(seen, frame, density)
        self._sway.measure(frame, density, total_s=step.total_s)
        self._since_beat_s = 0.0
        self._density = density
        return density

    def _measure_pressure(
        self, seen: Sighting, frame: GroundFrame, density: DensityReading
    ) -> PressureReading | None:
        if frame.flow is not None:
            return self._pressures.update(
                frame.flow.positions_m,
                frame.flow.velocity_mps,
                elapsed_s=self._since_beat_s,
                noise=VelocityNoise(2 * frame.flow.noise_mps**2, 0.0, is_measured=True),
                density=density.field,
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
