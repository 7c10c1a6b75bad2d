"""What is measured of zones on the ground: densities, pressure, speeds; for all zones at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from backend.core.frame import FloatArray
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.map_density import density_at
from backend.crowd.metering.reading import GroundReading
from backend.crowd.motion import BODY_HEIGHT_M
from backend.crowd.places.outlines import Outlines, as_shares
from backend.crowd.places.people import NOBODY, BoolArray
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.places.zone_counts import ZoneSums
from backend.crowd.places.zone_ground import ZoneCells, ZoneGround
from backend.crowd.pressure_field import GATE_DENSITY_PER_M2

STANDS_MPS = 0.4
"""Who is slower stands in line or moves up in it, m/s.

Uncalibrated by a person whose box is 1.70 m high."""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSpeeds:
    """How the people of each of Z zones move.

    Attributes:
        mean_mps: (Z,) float64; NaN uncalibrated and where nobody's speed is known.
        standing: (Z,) float64 in [0, 1], share of the people whose speed is known who stand or
            move up in a line; NaN where nobody's is.
    """

    mean_mps: FloatArray
    standing: FloatArray


def measure_speeds(frame: PlaceFrame, members: BoolArray, outlines: Outlines) -> ZoneSpeeds:
    """Mean speed and share of those who stand, on what the camera's speed is measured on.

    Calibrated, the speeds of the tracks in the monitored area, or the motion of the picture
    where that has taken their place, each weighed as in the camera's mean; uncalibrated the
    speeds in the picture in heights of the box, of which no mean is told.

    Args:
        frame: The frame.
        members: (N, Z) bool, who is in which zone.
        outlines: The zones.
    """
    ground = frame.reading.ground
    has_identity = frame.seen.tracks.track_ids > NOBODY
    if ground is None:
        moved = np.hypot(*frame.reading.velocity_px.T) / frame.seen.heights_px
        known = has_identity & np.isfinite(moved)
        as_mps = moved[known] * BODY_HEIGHT_M
        found = _averages(members[known], np.ones(len(as_mps)), as_mps)
        return ZoneSpeeds(np.full(len(outlines), np.nan), found.standing())
    speed = np.hypot(*ground.velocity_mps.T)
    known = has_identity & np.isfinite(speed) & (ground.followed > 0)
    found = _averages(members[known], ground.followed[known], speed[known])
    flow = ground.flow
    if flow is not None and frame.view is not None:
        at = as_shares(frame.view.plane.to_image(flow.positions_m), frame.facts.picture_wh)
        plain = np.hypot(*flow.velocity_mps.T)
        if flow.people is None:
            found += _averages(outlines.contains(at), flow.ground_per_px, plain)
        else:
            quiet = flow.speeds_without_noise_bias()
            found += _averages(outlines.contains(at), flow.people, quiet)
    return ZoneSpeeds(found.mean(), found.standing())


@dataclass(frozen=True, slots=True, eq=False)
class ZoneDensities:
    """Densities and pressure of each of Z zones; NaN where undefined.

    Attributes:
        share: (Z,) float64 in [0, 1], part of the zone's people who stand in the monitored area.
        peak_per_m2: (Z,) float64, peak local density, 1/m².
        pressure_per_s2: (Z,) float64, crowd pressure, 1/s².
        pressure_density_per_m2: (Z,) float64, local density where that was found, 1/m².
    """

    share: FloatArray
    peak_per_m2: FloatArray
    pressure_per_s2: FloatArray
    pressure_density_per_m2: FloatArray


def measure_densities(
    frame: PlaceFrame,
    reading: GroundReading,
    *,
    members: BoolArray,
    sums: ZoneSums,
    ground: ZoneGround,
    cells: ZoneCells | None,
    outlines: Outlines,
) -> ZoneDensities:
    """Densities and pressure in the monitored part of every zone.

    Args:
        frame: The frame.
        reading: What was measured on the ground.
        members: (N, Z) bool, who is in which zone.
        sums: The people of the zones.
        ground: The ground of the zones.
        cells: Cells of the density map in the zones; None without one.
        outlines: The zones.
    """
    part = None if cells is None else cells.part
    monitored = _monitored_people(frame, members, part, ground)
    share = np.divide(
        np.minimum(monitored, sums.people),
        sums.people,
        out=np.ones(len(sums.people)),
        where=sums.people > 0,
    )
    peak = ground.highest(
        np.where(ground.view.kernel.peak_nodes, reading.density.field.values_per_m2, np.nan)
    )
    has_none = np.isnan(peak)
    if has_none.any():
        # a zone between the nodes
        between = density_at(reading.density.field, np.nan_to_num(ground.middle_m[has_none]))
        peak[has_none] = between
    peak = np.fmax(peak, _highest_own(reading, ground, outlines))
    peak[np.isnan(ground.area_m2)] = np.nan
    return ZoneDensities(share, peak, *_pressure(reading, ground))


def _monitored_people(
    frame: PlaceFrame, members: BoolArray, part: csr_array | None, ground: ZoneGround
) -> FloatArray:
    """(Z,) people of each zone who stand in the monitored area, by the shares now."""
    hybrid = frame.hybrid
    people = frame.seen.weights.people * frame.reading.inside
    if hybrid is not None:
        people = people * hybrid.track_share
    found = members.T.astype(np.float64) @ people
    if hybrid is None or part is None:
        return found
    inside = ground.view.map_inside(_shape_of(hybrid), hybrid.map_people.cell_wh_px).ravel()
    both = part.copy()
    both.data = np.minimum(part.data, inside[part.indices])
    each = hybrid.people.astype(np.float64) * hybrid.shares
    return np.asarray(found + both @ each.ravel())


def _shape_of(hybrid: HybridReading) -> tuple[int, int]:
    rows, columns = hybrid.people.shape
    return rows, columns


def _highest_own(reading: GroundReading, ground: ZoneGround, outlines: Outlines) -> FloatArray:
    """(Z,) highest density at the places of people in each zone; NaN for nobody."""
    density = reading.density
    chosen = density.own_may_peak & np.isfinite(density.own_per_m2)
    if not chosen.any():
        return np.full(len(outlines), np.nan)
    seen = as_shares(ground.view.plane.to_image(density.own_m[chosen]), ground.view.picture_wh)
    inside = outlines.contains(seen)
    highest = np.where(inside, density.own_per_m2[chosen][:, None], -1.0).max(axis=0)
    return np.where(highest >= 0, highest, np.nan)


def _pressure(reading: GroundReading, ground: ZoneGround) -> tuple[FloatArray, FloatArray]:
    """(Z,) highest pressure, of the places with 4 people/m² and more if there are any, and
    (Z,) local density where it was found."""
    field = reading.pressures
    if field is None:
        nowhere = np.full(len(ground.area_m2), np.nan)
        return nowhere, nowhere
    known = np.where(field.counted, field.values_per_s2, np.nan)
    dense = ground.highest(np.where(field.density >= GATE_DENSITY_PER_M2, known, np.nan))
    top = np.where(np.isnan(dense), ground.highest(known), dense)
    zone = np.repeat(np.arange(len(top)), np.diff(ground.first))
    is_top = known.ravel()[ground.nodes] == top[zone]
    density = np.full(len(top), np.nan)
    np.fmax.at(density, zone[is_top], field.density.ravel()[ground.nodes[is_top]])
    return top, density


@dataclass(frozen=True, slots=True, eq=False)
class _Averages:
    """Speeds by zone, still as sums, so that two sources add up."""

    weight: FloatArray
    total: FloatArray
    slow: FloatArray

    def __add__(self, other: _Averages) -> _Averages:
        return _Averages(
            self.weight + other.weight, self.total + other.total, self.slow + other.slow
        )

    def mean(self) -> FloatArray:
        return _quotient(self.total, self.weight)

    def standing(self) -> FloatArray:
        return _quotient(self.slow, self.weight)


def _averages(inside: BoolArray, weights: FloatArray, speeds_mps: FloatArray) -> _Averages:
    columns = [weights, weights * speeds_mps, weights * (speeds_mps < STANDS_MPS)]
    return _Averages(*(inside.T.astype(np.float64) @ np.stack(columns, axis=1)).T)


def _quotient(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0))
