"""All densities of one monitored ground, frame by frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from backend.core.frame import FloatArray
from backend.core.measurements import DensityMap
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.counting import Z_90, PeopleWeights
from backend.crowd.density_kernel import DensityField, PeakDensity
from backend.crowd.metering.ground_view import BoolArray, GroundView
from backend.crowd.metering.map_crowd import MapCrowd, map_peak_error
from backend.crowd.metering.map_density import MapDensity, density_at
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
        share: (K,) float64 in [0, 1], how far each still counts beside the density map; None =
            wholly.
    """

    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    world_m: FloatArray
    inside: BoolArray
    weights: PeopleWeights
    share: FloatArray | None = None

    @property
    def people(self) -> FloatArray:
        """(K,) float64, people each of them stands for beside the density map."""
        people = self.weights.people
        return people if self.share is None else people * self.share


@dataclass(frozen=True, slots=True, eq=False)
class DensityReading:
    """Local densities at one instant.

    Attributes:
        field: Gaussian density on the kernel's grid, of the boxes and the map together.
        own_per_m2: (K,) float64, density where each placed person stands; NaN off the walkable
            area.
        own_m: (K, 2) float64, where that is, metres, ground plane.
        own_may_peak: (K,) bool, the peak is looked for there: in the monitored area, with
            enough ground around.
        peak: Highest density in the monitored area, over grid and people with a box; people on
            the map have no place of their own and are looked for on the grid only.
        peak_error_per_m2: Half width of its 90 % interval that comes from the people not known
            (missed, no people at all, miscounted on the map), without the calibration's.
        voronoi_per_m2: Voronoi density of the monitored area, at most a second old.
        drawn: The field for the heat overlay.
        heads: What the places of the map's people rest on; None = the map stands for nobody.
    """

    field: DensityField
    own_per_m2: FloatArray
    own_m: FloatArray
    own_may_peak: BoolArray
    peak: PeakDensity
    peak_error_per_m2: float
    voronoi_per_m2: float
    drawn: DensityMap
    heads: HeadBasis | None = None


class DensityMeter:
    """Keeps the beat of the Voronoi density; everything else is worked out when asked."""

    def __init__(self, view: GroundView) -> None:
        self._view = view
        self._voronoi_beat = Raster(VORONOI_INTERVAL_S)
        self._voronoi_per_m2 = 0.0
        self._on_map: MapDensity | None = None
        self._ground_to_image = tuple(np.linalg.inv(view.plane.matrix).ravel().tolist())

    def clear(self) -> None:
        """Forget the last diagram (a new segment has begun)."""
        self._voronoi_beat.clear()

    def measure(
        self, crowd: GroundCrowd, *, elapsed_s: float, mapped: MapCrowd | None = None
    ) -> DensityReading:
        """Measure the people placed now.

        Args:
            crowd: The people with a box.
            elapsed_s: Stream time since the last call, seconds.
            mapped: Those the density map counts; None = nobody.
        """
        kernel, people = self._view.kernel, crowd.people
        field = kernel.field(crowd.world_m, people)
        own = kernel.at(crowd.world_m, crowd.world_m, people)
        map_field = None if mapped is None else self._map_field(mapped)
        if map_field is not None:
            field = replace(field, values_per_m2=field.values_per_m2 + map_field.values_per_m2)
            field.values_per_m2.flags.writeable = False
            own = own + np.nan_to_num(density_at(map_field, crowd.world_m))
        may_peak = crowd.inside & kernel.may_peak(crowd.world_m)
        peak = self._peak(field, own, crowd.world_m, may_peak)
        if self._voronoi_beat.is_due(elapsed_s):
            self._voronoi_per_m2 = self._voronoi(crowd, mapped)
        return DensityReading(
            field=field,
            own_per_m2=own,
            own_m=crowd.world_m,
            own_may_peak=may_peak,
            peak=peak,
            peak_error_per_m2=self._peak_error(peak, crowd, mapped, map_field),
            voronoi_per_m2=self._voronoi_per_m2,
            drawn=self._draw(field),
            heads=None if mapped is None or map_field is None else mapped.ground.basis,
        )

    def _map_field(self, mapped: MapCrowd) -> DensityField | None:
        """Density made by the map alone; None where it stands for nobody."""
        if not mapped.people.any():
            return None
        kernel = self._view.kernel
        if self._on_map is None or self._on_map.ground is not mapped.ground:
            self._on_map = MapDensity(mapped.ground, kernel)
        values = self._on_map.field(mapped.people)
        return DensityField(values, kernel.x_m, kernel.y_m, kernel.cell_m)

    def _peak(
        self, field: DensityField, own: FloatArray, own_m: FloatArray, may_peak: BoolArray
    ) -> PeakDensity:
        """Highest density over the nodes and the people of the monitored area."""
        kernel = self._view.kernel
        best = PeakDensity(0.0, None)
        counted = self._view.monitored_nodes & kernel.peak_nodes
        nodes = np.where(counted, field.values_per_m2, 0.0)
        row, column = np.unravel_index(int(nodes.argmax()), nodes.shape)
        if nodes[row, column] > 0:
            at = float(field.x_m[column]), float(field.y_m[row])
            best = PeakDensity(float(nodes[row, column]), at)
        if own.size == 0:
            return best
        here = np.where(may_peak, own, 0.0)
        densest = int(here.argmax())
        if here[densest] > best.value_per_m2:
            x, y = own_m[densest].tolist()
            best = PeakDensity(float(here[densest]), (x, y))
        return best

    def _peak_error(
        self,
        peak: PeakDensity,
        crowd: GroundCrowd,
        mapped: MapCrowd | None,
        map_field: DensityField | None,
    ) -> float:
        radius = self._view.kernel.radius_m
        if mapped is None or map_field is None or peak.at_m is None:
            return peak_error(peak, crowd, radius_m=radius)
        from_map = float(np.nan_to_num(density_at(map_field, np.array([peak.at_m])))[0])
        from_map = min(from_map, peak.value_per_m2)
        ground_m2 = self._view.ground.area_m2 * peak.value_per_m2 / max(from_map, 1e-9)
        in_use = min(2 * math.pi * radius**2 / ground_m2, 1.0)
        rest = PeakDensity(peak.value_per_m2 - from_map, peak.at_m)
        on_map = map_peak_error(from_map, mapped.error, radius_m=radius, in_use=in_use)
        return math.hypot(peak_error(rest, crowd, radius_m=radius), Z_90 * on_map)

    def _voronoi(self, crowd: GroundCrowd, mapped: MapCrowd | None) -> float:
        """Density by cells; each cell holds as many people as those seen there stand for.

        The cells of the density map divide the ground as Voronoi cells do, people lying evenly
        in each, so that what they add is the same sum ``Σ n_i |cell_i ∩ A| / |cell_i|``: the
        people they hold in A over |A|.
        """
        added = 0.0 if mapped is None else mapped.inside / self._view.ground.area_m2
        stands_for = 1.0 if crowd.share is None else crowd.share
        if crowd.inside.any():
            stands_for = crowd.people[crowd.inside]
        mean = float(np.mean(stands_for)) if crowd.rows.size else 0.0
        return added if mean == 0 else added + self._view.voronoi.density(crowd.world_m) * mean

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
    if crowd.share is not None:
        kernel = kernel * crowd.share
    total = float(kernel @ crowd.weights.people)
    if total <= 0:
        return 0.0
    share = kernel * (peak.value_per_m2 / total)
    alone = math.sqrt(float(share**2 @ crowd.weights.variance))
    return Z_90 * math.hypot(alone, float(share @ crowd.weights.common_error))
