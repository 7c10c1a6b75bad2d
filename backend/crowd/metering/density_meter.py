"""All densities of one monitored ground, frame by frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.core.measurements import DensityMap
from backend.crowd.counting import Z_90, PeopleWeights
from backend.crowd.density_kernel import DensityField, PeakDensity
from backend.crowd.metering.ground_view import BoolArray, GroundView
from backend.crowd.metering.raster import Raster

VORONOI_INTERVAL_S = 1.0
"""Stream time between two Voronoi diagrams."""


@dataclass(frozen=True, slots=True)
class GroundCrowd:
    """The people of one frame who could be placed on the ground, K of the N tracks.

    Attributes:
        rows: (K,) int64, which tracks they are.
        world_m: (K, 2) float64, metres, ground plane; finite.
        inside: (K,) bool, stands in the monitored area.
        weights: How many people each of them stands for.
    """

    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    world_m: FloatArray
    inside: BoolArray
    weights: PeopleWeights


@dataclass(frozen=True, slots=True, eq=False)
class DensityReading:
    """Local densities at one instant.

    Attributes:
        field: Gaussian density on the kernel's grid.
        own_per_m2: (K,) float64, density where each placed person stands; NaN off the walkable
            area.
        peak: Highest density in the monitored area, over grid and people.
        peak_error_per_m2: Half width of its 90 % interval that comes from the people not known
            (missed, or no people at all), without the calibration's.
        voronoi_per_m2: Voronoi density of the monitored area, at most a second old.
        drawn: The field for the heat overlay.
    """

    field: DensityField
    own_per_m2: FloatArray
    peak: PeakDensity
    peak_error_per_m2: float
    voronoi_per_m2: float
    drawn: DensityMap


class DensityMeter:
    """Keeps the beat of the Voronoi density; everything else is worked out when asked."""

    def __init__(self, view: GroundView) -> None:
        self._view = view
        self._voronoi_beat = Raster(VORONOI_INTERVAL_S)
        self._voronoi_per_m2 = 0.0
        self._ground_to_image = tuple(np.linalg.inv(view.plane.matrix).ravel().tolist())

    def clear(self) -> None:
        """Forget the last diagram (a new segment has begun)."""
        self._voronoi_beat.clear()

    def measure(self, crowd: GroundCrowd, *, elapsed_s: float) -> DensityReading:
        """Measure the people placed now.

        Args:
            crowd: The people.
            elapsed_s: Stream time since the last call, seconds.
        """
        kernel, people = self._view.kernel, crowd.weights.people
        field = kernel.field(crowd.world_m, people)
        own = kernel.at(crowd.world_m, crowd.world_m, people)
        peak = self._peak(field, own, crowd)
        if self._voronoi_beat.is_due(elapsed_s):
            self._voronoi_per_m2 = self._voronoi(crowd)
        return DensityReading(
            field=field,
            own_per_m2=own,
            peak=peak,
            peak_error_per_m2=peak_error(peak, crowd, radius_m=kernel.radius_m),
            voronoi_per_m2=self._voronoi_per_m2,
            drawn=self._draw(field),
        )

    def _peak(self, field: DensityField, own: FloatArray, crowd: GroundCrowd) -> PeakDensity:
        """Highest density over the nodes and the people of the monitored area."""
        kernel = self._view.kernel
        best = PeakDensity(0.0, None)
        if crowd.rows.size == 0:
            return best
        counted = self._view.monitored_nodes & kernel.peak_nodes
        nodes = np.where(counted, field.values_per_m2, 0.0)
        row, column = np.unravel_index(int(nodes.argmax()), nodes.shape)
        if nodes[row, column] > 0:
            at = float(field.x_m[column]), float(field.y_m[row])
            best = PeakDensity(float(nodes[row, column]), at)
        here = np.where(crowd.inside & kernel.may_peak(crowd.world_m), own, 0.0)
        densest = int(here.argmax())
        if here[densest] > best.value_per_m2:
            x, y = crowd.world_m[densest].tolist()
            best = PeakDensity(float(here[densest]), (x, y))
        return best

    def _voronoi(self, crowd: GroundCrowd) -> float:
        """Density by cells; each cell holds as many people as those seen there stand for."""
        inside = crowd.inside
        if not inside.any():
            return self._view.voronoi.density(crowd.world_m)
        seen = self._view.voronoi.density(crowd.world_m)
        return seen * float(crowd.weights.people[inside].mean())

    def _draw(self, field: DensityField) -> DensityMap:
        values = field.values_per_m2.astype(np.float32)
        values.flags.writeable = False
        origin = float(field.x_m[0]), float(field.y_m[0])
        return DensityMap(values, origin, field.cell_m, self._ground_to_image)


def peak_error(peak: PeakDensity, crowd: GroundCrowd, *, radius_m: float) -> float:
    """Half width of the peak's 90 % interval that comes from not knowing who is there.

    The peak is a weighted sum over the people around it, ``sum k_j n_j``, where person j stands
    for n_j people. Its variance is ``sum k_j² Var(n_j) + (sum k_j s_j)²``: what each detection
    is worth, and the error of recall, which all share. That the highest of many noisy values is
    taken, and the errors of the positions, are left out.

    Args:
        peak: Where and how high.
        crowd: The people.
        radius_m: R of the kernel, metres.

    Returns:
        1/m², 0 with nobody there.
    """
    if peak.at_m is None:
        return 0.0
    apart = ((crowd.world_m - np.array(peak.at_m)) ** 2).sum(axis=1)
    kernel = np.exp(-apart / radius_m**2)
    total = float(kernel @ crowd.weights.people)
    if total <= 0:
        return 0.0
    share = kernel * (peak.value_per_m2 / total)
    alone = math.sqrt(float(share**2 @ crowd.weights.variance))
    return Z_90 * math.hypot(alone, float(share @ crowd.weights.common_error))
