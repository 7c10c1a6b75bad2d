"""Everything that is measured of the zones of one camera, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.core.places import Zone, ZoneProfile, ZoneReading
from backend.core.trust import Trust
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.hybrid.blend import OUTAGE_HOLDS_S
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.quality import HEADS_TAKEN_FOR_GROUND
from backend.crowd.metering.raster import Raster
from backend.crowd.places.dwell import Dwell
from backend.crowd.places.outlines import Outlines, as_standing_shares
from backend.crowd.places.people import BoolArray, IntArray, PeopleBook
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.places.visits import Visits
from backend.crowd.places.zone_counts import ZoneSums, sum_zones
from backend.crowd.places.zone_ground import ZoneCells, ZoneGround
from backend.crowd.places.zone_metres import (
    ZoneDensities,
    ZoneSpeeds,
    measure_densities,
    measure_speeds,
)
from backend.crowd.reliability import NO_DOUBT, Verdict, worst_of

READING_INTERVAL_S = 1.0
"""Stream time between two readings of the zones; who is in them is followed with every frame."""

BY_THEIR_HEADS = Verdict(
    Trust.ESTIMATED,
    "People counted on the density map are in the zone where their heads are seen: without a "
    "calibration nobody knows where they stand.",
)
"""Feet are lower in the picture than heads: some of the zone are put beside it, and others in."""


class ZoneMeter:
    """Follows who is in the zones with every frame, and measures them once a second.

    A reading is made of the first frame with new zones, of the first of a segment, of the first
    with another calibration or without it, and of the first in every further second of stream
    time. Memory is bounded by the people in view.

    Owned by one thread, like the analyser.
    """

    def __init__(self) -> None:
        self._zones: tuple[Zone, ...] = ()
        self._outlines = Outlines(())
        self._visits = Visits(self._outlines)
        self._book = PeopleBook()
        self._peak = np.zeros(0)
        self._beat = Raster(READING_INTERVAL_S)
        self._cells: tuple[ZoneCells, GroundView | None] | None = None
        self._ground: ZoneGround | None = None
        self._read_with: GroundView | None = None
        self._readings: tuple[ZoneReading, ...] = ()

    def __len__(self) -> int:
        """Number of people remembered."""
        return len(self._book)

    @property
    def readings(self) -> tuple[ZoneReading, ...]:
        """The newest reading of each zone, in their order, at most a second old."""
        return self._readings

    def set_zones(self, zones: Sequence[Zone]) -> None:
        """Go on with these zones, from the next frame on.

        A zone of the same id and corners keeps peak, visitors and stays, whatever else changes;
        any other begins afresh.

        Raises:
            ValueError: Two zones of one id, or no polygon; the zones so far stay.
        """
        if len({zone.zone_id for zone in zones}) != len(zones):
            raise ValueError(f"expected each zone once, got ids {[z.zone_id for z in zones]}")
        row_of = {(zone.zone_id, zone.corners): row for row, zone in enumerate(self._zones)}
        kept = np.array([row_of.get((z.zone_id, z.corners), -1) for z in zones], np.int64)
        is_same = np.array_equal(kept, np.arange(len(self._zones)))
        if not is_same:
            self._draw(Outlines([zone.corners for zone in zones]), kept)
        self._zones = tuple(zones)
        self._beat.clear()

    def update(self, frame: PlaceFrame) -> tuple[ZoneReading, ...]:
        """Take one frame.

        Returns:
            The newest reading of each zone.
        """
        facts, step = frame.facts, frame.step
        if step.is_new_segment:
            outage_s = math.inf if facts.outage_s is None else facts.outage_s
            self._visits.break_off(
                self._book.forget(), now_s=step.total_s, is_short=outage_s <= OUTAGE_HOLDS_S
            )
            self._beat.clear()
        if not self._zones:
            self._readings = ()
            return ()
        members = self._follow(frame)
        if frame.view is not self._read_with:
            # metres of a camera that has moved since are none
            self._read_with = frame.view
            self._beat.clear()
        if self._beat.is_due(step.elapsed_s):
            self._readings = self._measure(frame, members)
        return self._readings

    def _draw(self, outlines: Outlines, kept: IntArray) -> None:
        """Go on with these polygons; ``kept`` says which of those so far each one is."""
        self._outlines = outlines
        self._visits = self._visits.rearranged(self._outlines, kept)
        self._peak = np.where(kept >= 0, np.append(self._peak, 0.0)[kept], 0.0)
        self._cells = self._ground = None

    def _follow(self, frame: PlaceFrame) -> BoolArray:
        """(N, Z) who counts in which zone."""
        seen, facts, feet = frame.seen, frame.facts, frame.feet_px
        now_s = frame.step.total_s
        present = self._book.see(
            seen.tracks.track_ids,
            feet,
            seen.heights_px,
            now_s=now_s,
            picture_wh=facts.picture_wh,
        )
        return self._visits.update(
            present,
            as_standing_shares(feet, facts.picture_wh),
            seen.heights_px,
            capacity=self._book.capacity,
            now_s=now_s,
            picture_wh=facts.picture_wh,
        )

    def _measure(self, frame: PlaceFrame, members: BoolArray) -> tuple[ZoneReading, ...]:
        cells = self._cells_of(frame)
        sums = sum_zones(
            frame.seen.weights,
            frame.hybrid,
            members=members,
            cells=None if cells is None else cells.part,
        )
        ground = self._ground_of(frame.view)
        densities = None
        if ground is not None and frame.reading.ground is not None:
            densities = measure_densities(
                frame,
                frame.reading.ground,
                members=members,
                sums=sums,
                ground=ground,
                cells=cells,
                outlines=self._outlines,
            )
        found = _Found(
            frame,
            sums,
            cells,
            self._visits.dwell(self._book.seen_s),
            measure_speeds(frame, members, self._outlines),
            ground,
            densities,
        )
        readings = []
        for row, zone in enumerate(self._zones):
            reading = found.reading(row, zone, self._peak[row], int(self._visits.visitors[row]))
            self._peak[row] = reading.peak_count
            readings.append(reading)
        return tuple(readings)

    def _cells_of(self, frame: PlaceFrame) -> ZoneCells | None:
        hybrid = frame.hybrid
        if hybrid is None:
            return None
        rows, columns = hybrid.people.shape
        cell_wh_px = hybrid.map_people.cell_wh_px
        if self._cells is not None:
            known, view = self._cells
            is_alike = (known.map_hw, known.cell_wh_px) == ((rows, columns), cell_wh_px)
            if is_alike and view is frame.view:
                return known
        found = ZoneCells.of(
            self._outlines,
            map_hw=(rows, columns),
            cell_wh_px=cell_wh_px,
            picture_wh=frame.facts.picture_wh,
            view=frame.view,
        )
        self._cells = found, frame.view
        return found

    def _ground_of(self, view: GroundView | None) -> ZoneGround | None:
        if view is None:
            return None
        if self._ground is None or self._ground.view is not view:
            self._ground = ZoneGround.of(self._outlines, view)
        return self._ground


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """All numbers of one reading, row for row with the zones."""

    frame: PlaceFrame
    sums: ZoneSums
    cells: ZoneCells | None
    dwell: Dwell
    speeds: ZoneSpeeds
    ground: ZoneGround | None
    densities: ZoneDensities | None

    def reading(self, row: int, zone: Zone, peak: float, visitors: int) -> ZoneReading:
        counted, frame = self.sums.places[row].count(), self.frame
        count = counted.estimate
        verdict = worst_of(frame.belief.count, self._judge_heads(row))
        high: float | None = max(count.high, counted.boxes.count + frame.missed)
        if frame.belief.count.trust is Trust.SATURATED or not self._is_placed(row):
            high = None
        calibration = frame.belief.metres if frame.belief.is_calibrated else NO_DOUBT
        area, densities = self._area_m2(row), self.densities
        return ZoneReading(
            zone_id=zone.zone_id,
            count=count.count,
            count_low=count.low,
            count_high=high,
            trust=verdict.trust,
            trust_reason=verdict.reason,
            peak_count=max(float(peak), count.count),
            visitors=visitors,
            dwell_median_s=_known(self.dwell.median_s, row),
            dwell_p90_s=_known(self.dwell.p90_s, row),
            dwell_longest_s=_known(self.dwell.longest_s, row),
            queue_length=self._queue(row, zone, count.count),
            area_m2=area,
            density_per_m2=None
            if area is None or densities is None
            else count.count * float(densities.share[row]) / area,
            peak_density_per_m2=None if densities is None else _known(densities.peak_per_m2, row),
            mean_speed_mps=_known(self.speeds.mean_mps, row),
            crowd_pressure_per_s2=None
            if densities is None
            else _known(densities.pressure_per_s2, row),
            metres_trust=calibration.trust,
            metres_reason=calibration.reason,
            crowd_pressure_density_per_m2=None
            if densities is None
            else _known(densities.pressure_density_per_m2, row),
            told_apart_trust=(frame.belief.told_apart or frame.belief.count).trust,
            map_share=counted.map_share,
        )

    def _area_m2(self, row: int) -> float | None:
        return None if self.ground is None else _known(self.ground.area_m2, row)

    def _queue(self, row: int, zone: Zone, count: float) -> float | None:
        """People of the zone by the share that stands, of those whose speed is known."""
        if zone.profile is not ZoneProfile.QUEUE:
            return None
        standing = _known(self.speeds.standing, row)
        if count == 0:
            return 0.0
        return None if standing is None else count * standing

    def _is_placed(self, row: int) -> bool:
        """Whether it is known how many people of the density map stand in the zone."""
        view = self.frame.view
        if self.cells is None or not self.sums.mapped[row] > 0:
            return True
        if view is None:
            return bool(self.cells.holds_all[row])
        return view.heads.basis is not HeadBasis.PLANE

    def _judge_heads(self, row: int) -> Verdict:
        if self._is_placed(row):
            return NO_DOUBT
        return BY_THEIR_HEADS if self.frame.view is None else HEADS_TAKEN_FOR_GROUND


def _known(values: FloatArray, row: int) -> float | None:
    value = float(values[row])
    return None if math.isnan(value) else value
