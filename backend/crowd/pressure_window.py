"""Helbing's crowd pressure of a stream, sample by sample (CROWD-SCIENCE section 4)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.pressure_field import PressureField, PressureReading
from backend.crowd.still_noise import ASSUMED_NOISE, VelocityNoise, still_noise
from backend.crowd.velocity_field import velocity_field

if TYPE_CHECKING:
    from backend.crowd.density_kernel import DensityField, DensityKernel

WINDOW_S = 2.0
SAMPLE_INTERVAL_S = 0.2
"""Stream time between two samples; a slower stream gives one sample a frame."""

MIN_SAMPLES = 4
MIN_SAMPLE_SHARE = 0.8
"""Share of the samples in which somebody must be near a node for its variance to be defined."""

MIN_WALL_SHARE = 0.4
"""Share of the kernel on walkable ground below which a node gives no reading."""

REFERENCE_M_PER_PX = 0.02
"""Where noise has the scale 1: a person 1.70 m high is 85 px high there."""

MAX_NOISE_SCALE = 3.0
"""Noise is not taken to grow beyond this: subtracting too much would hide danger."""

MAX_BODY_ACCELERATION = 0.2
"""Largest acceleration of a whole crowd that is taken for its motion as one body, m/s² (a sway
of 0.5 m/s in 18 s has 0.17). What is pushed harder is a shock and counts."""

STEADY_SHARE = 0.9
"""Share of the change of a place's mean velocity that a line must explain to be called steady."""

_STAMP_TOLERANCE_S = 5e-4
"""Stamps of 25 fps video do not add up to 0.2 s exactly."""


@unique
class VelocitySource(Enum):
    """What the velocities of a window were measured on; never two in one window."""

    TRACKS = "tracks"
    """People followed one by one."""
    PICTURE = "picture"
    """Optical flow of all of the monitored ground."""
    PICTURE_BY_BOXES = "picture_by_boxes"
    """Optical flow where people with a box stand."""
    PICTURE_BY_MAP = "picture_by_map"
    """Optical flow where the density map or a box shows people."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """One instant: fields as float32 (they are kept for two seconds), people as float64."""

    at_s: float
    velocity: npt.NDArray[np.float32]
    noise_share: npt.NDArray[np.float32]
    density: npt.NDArray[np.float32]
    ids: npt.NDArray[np.int64]
    people: FloatArray


class PressureWindow:
    """Crowd pressure over the last two seconds of stream, on the grid of a density kernel.

    ``P(r) = rho(r) · max(<|V(r, t) − U(r)|²> − noise(r), 0)`` where V is the kernel-smoothed
    velocity, U its mean over the window, rho the mean local density and ``noise(r)`` what is
    left of the tracker's noise after smoothing (`still_noise`). Sampled at 5 Hz of stream time,
    so that the frame rate does not matter; memory is bounded by the grid and the people in view.

    What the whole place does as one body, steadily over the two seconds, is no turbulence: a
    crowd of 5 people/m² that sways with 0.28 m/s and a period of 18 s would otherwise read
    0.016 /s² everywhere. So where the mean velocity of the place changes steadily (a line
    explains nine tenths of its change), that change, up to 0.2 m/s², is taken out.

    Owned by one thread.

    Args:
        kernel: Local density on the walkable area; gives grid and radius.
        window_s: Length of the window, seconds.
        within: (R, C) bool, nodes of the kernel's grid the reading is taken from; None = all.
            Nodes with less than 40 % of the kernel on walkable ground never give one: in a
            corner few people decide.

    References:
        Helbing, Johansson & Al-Abideen 2007, Phys. Rev. E 75, 046109: P = rho Var(V) with
        Var(V) = <[V − U]²> of the velocity vector (both components together), R = 1 m,
        turbulence from 0.02 /s². The subtraction of noise and of the body's motion is ours.
    """

    def __init__(
        self,
        kernel: DensityKernel,
        *,
        window_s: float = WINDOW_S,
        within: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self._kernel = kernel
        self._window_s = window_s
        share = np.nan_to_num(kernel.wall_share)
        # A passage narrower than 0.75 m offers less anywhere: there the best it has.
        counted = share >= min(MIN_WALL_SHARE, 0.9 * float(share.max(initial=0.0)))
        self._counted = counted if within is None else counted & within
        self._counted.flags.writeable = False
        self.clear()

    def __len__(self) -> int:
        """Number of samples kept."""
        return len(self._samples)

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._samples: deque[_Sample] = deque()
        self._source: tuple[VelocitySource, bool] | None = None
        self._now_s = 0.0
        self._due_s = 0.0
        self._field: PressureField | None = None
        self._reading: PressureReading | None = None

    def update(
        self,
        positions: FloatArray,
        velocity: FloatArray,
        *,
        elapsed_s: float,
        track_ids: npt.NDArray[np.int64] | None = None,
        metres_per_px: FloatArray | None = None,
        noise: VelocityNoise | None = None,
        density: DensityField | None = None,
        source: VelocitySource = VelocitySource.TRACKS,
    ) -> PressureReading | None:
        """Take the people seen now.

        Args:
            positions: (N, 2) float64, metres, ground plane; rows with NaN are left out.
            velocity: (N, 2) float64, m/s, ground plane; NaN where not known: such a person
                counts for the density alone.
            elapsed_s: Stream time since the last call, seconds.
            track_ids: (N,) int64; without them nobody can be seen to stand still and the
                default noise is assumed.
            metres_per_px: (N,) float64, how much ground a pixel covers where each person stands:
                noise is taken to grow in proportion. None = alike everywhere.
            noise: Noise known from elsewhere (optical flow), instead of measuring it. The window
                starts afresh when it begins or ceases to be given.
            density: Local density at this instant on the kernel's grid where it has been
                computed already, or comes from another source than ``positions``.
            source: What ``velocity`` was measured on. The window starts afresh when it changes:
                two sources differ by more than a crowd does in two seconds.

        Returns:
            The reading at the newest sample; None until the window is full and while nobody is
            in view.
        """
        measured_on = source, noise is not None
        if self._source != measured_on:
            self.clear()
        self._source = measured_on
        self._now_s += elapsed_s
        if self._now_s < self._due_s - _STAMP_TOLERANCE_S:
            return self._reading
        passed = int((self._now_s + _STAMP_TOLERANCE_S) // SAMPLE_INTERVAL_S)
        self._due_s = (passed + 1) * SAMPLE_INTERVAL_S
        people = np.concatenate([positions, velocity], axis=1)
        scale = _noise_scale(metres_per_px, len(people))
        ids = np.zeros(len(people), np.int64) if track_ids is None else track_ids
        self._append(people, ids, scale, density)
        self._field = None
        if self._is_full():
            if noise is None:
                noise = ASSUMED_NOISE if track_ids is None else self._measure_noise(scale)
            self._field = self._compute(noise)
        self._reading = None if self._field is None else self._field.reading()
        return self._reading

    def field(self) -> PressureField | None:
        """Crowd pressure at every node at the newest sample; None until the window is full."""
        return self._field

    def _append(
        self,
        people: FloatArray,
        ids: npt.NDArray[np.int64],
        scale: FloatArray,
        density: DensityField | None,
    ) -> None:
        kernel = self._kernel
        placed = np.isfinite(people[:, :2]).all(axis=1)
        smoothed = velocity_field(
            people[:, :2],
            people[:, 2:],
            grid=kernel.grid,
            radius_m=kernel.radius_m,
            noise_scale=scale,
        )
        local = density if density is not None else kernel.field(people[placed, :2])
        self._samples.append(
            _Sample(
                at_s=self._now_s,
                velocity=smoothed.velocity_mps.astype(np.float32),
                noise_share=smoothed.noise_share.astype(np.float32),
                density=local.values_per_m2.astype(np.float32),
                ids=ids,
                people=people,
            )
        )
        oldest_s = self._now_s - self._window_s + SAMPLE_INTERVAL_S / 2
        while self._samples[0].at_s < oldest_s:
            self._samples.popleft()

    def _is_full(self) -> bool:
        count = len(self._samples)
        if count < MIN_SAMPLES:
            return False
        span_s = self._samples[-1].at_s - self._samples[0].at_s
        return span_s * count / (count - 1) >= self._window_s - SAMPLE_INTERVAL_S

    def _compute(self, noise: VelocityNoise) -> PressureField:
        velocity = np.stack([sample.velocity for sample in self._samples])
        density = np.stack([sample.density for sample in self._samples]).mean(
            axis=0, dtype=np.float64
        )
        share = np.stack([sample.noise_share for sample in self._samples])
        seen = np.isfinite(share)
        count = seen.sum(axis=0)
        defined = count >= MIN_SAMPLE_SHARE * len(self._samples)
        often = np.where(defined, count, 1)
        filled = np.where(seen[..., None], velocity, 0.0)
        mean = filled.sum(axis=0) / often[..., None]
        off = np.where(seen[..., None], velocity - mean, 0.0)
        variance = (off**2).sum(axis=(0, 3)) / often
        body = self._body_acceleration(filled * seen[..., None])[:, None, None, :]
        apart = np.where(seen[..., None], off - body, 0.0)
        apart -= apart.sum(axis=0) / often[..., None] * seen[..., None]
        variance = np.minimum(variance, (apart**2).sum(axis=(0, 3)) / often)
        left = noise.own * np.where(seen, share, 0.0).sum(axis=0) / often + noise.common
        pressure = density * np.maximum(variance - left, 0.0)
        pressure[~defined] = np.nan
        pressure.flags.writeable = False
        density.flags.writeable = False
        kernel = self._kernel
        return PressureField(pressure, kernel.x_m, kernel.y_m, density, noise, self._counted)

    def _body_acceleration(self, velocity: FloatArray) -> FloatArray:
        """Steady change of the whole place's mean velocity, (S, 2) m/s; 0 where it is none."""
        density = np.stack([np.nan_to_num(sample.density) for sample in self._samples])
        people = np.maximum(density.sum(axis=(1, 2)), 1e-12)
        mean = (velocity * density[..., None]).sum(axis=(1, 2)) / people[:, None]
        mean -= mean.mean(axis=0)
        at_s = np.array([sample.at_s for sample in self._samples])
        at_s -= at_s.mean()
        slope = at_s @ mean / float(at_s @ at_s)
        line = at_s[:, None] * slope
        if float((line**2).sum()) < STEADY_SHARE * float((mean**2).sum()):
            return np.zeros_like(line)
        share = min(1.0, MAX_BODY_ACCELERATION / max(float(np.hypot(*slope)), 1e-12))
        return np.asarray(line * share)

    def _measure_noise(self, scale: FloatArray) -> VelocityNoise:
        """Follow everybody seen now back through the samples and ask who stood still."""
        newest = self._samples[-1]
        paths = np.full((newest.ids.size, len(self._samples), 4), np.nan)
        for column, sample in enumerate(self._samples):
            order = np.argsort(sample.ids)
            ranked = sample.ids[order]
            at = np.minimum(np.searchsorted(ranked, newest.ids), max(ranked.size - 1, 0))
            if ranked.size:
                found = ranked[at] == newest.ids
                paths[found, column] = sample.people[order[at[found]]]
        return still_noise(paths[..., :2], paths[..., 2:], scale=scale)


def _noise_scale(metres_per_px: FloatArray | None, count: int) -> FloatArray:
    """Noise of each person relative to one seen at 2 cm per pixel."""
    if metres_per_px is None:
        return np.ones(count)
    return np.minimum(metres_per_px / REFERENCE_M_PER_PX, MAX_NOISE_SCALE)
