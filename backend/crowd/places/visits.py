"""Who is in which zone, without flicker; and of that who has been there, and how long."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.pairs import pairs_of
from backend.crowd.places.dwell import Dwell, StayLog
from backend.crowd.places.outlines import Outlines
from backend.crowd.places.people import BoolArray, Departed, IntArray, Present

CLEAR_HEIGHTS = 0.05
"""How far beyond a border somebody must be to have crossed it, in heights of the box: 8 cm."""

RETURN_S = 2.0
"""Who is found in a zone so soon after the stream came back was in it before."""


class Visits:
    """Membership of people in zones over time, with hysteresis.

    **Hysteresis.** What counts for a person is the set of zones that held one of the places he
    has been at: the newest place that was clear of what changed. The set is taken anew from the
    foot point when that lies beyond the border of a zone it entered or left by 5 % of the box's
    height (or by half of area over circumference where a zone is narrower than that); until
    then it stays as it is. So nobody flickers on a border, in or out; and as every set is one
    that a single point had, people of zones that divide an area add up to those of the area.
    Who is seen for the first time, and who has no identity, is where the foot point is.

    **Stay**: from coming in, or being seen first, to going out; who comes back begins another.
    Somebody lost from view was there until last seen; that has ended the stay if he was about
    to leave the picture, otherwise it is known to have lasted at least so long. **Visitors**:
    people who came in or were seen first inside, each once for as long as they are remembered.

    **A break in the stream** ends all identities. If it was short, as many people as were
    inside before are no new visitors when they are found inside within 2 s after it.

    Owned by one thread.

    Args:
        outlines: The zones.
    """

    def __init__(self, outlines: Outlines) -> None:
        self._outlines = outlines
        self._stays = StayLog(len(outlines))
        self.visitors = np.zeros(len(outlines), np.int64)
        self._inside = np.zeros((0, len(outlines)), np.bool_)
        self._been = np.zeros((0, len(outlines)), np.bool_)
        self._entered_s = np.zeros((0, len(outlines)))
        self._is_drawn_now = np.ones(len(outlines), np.bool_)
        self._returning = np.zeros(len(outlines), np.int64)
        self._returned_s = -np.inf

    def rearranged(self, outlines: Outlines, kept: IntArray) -> Visits:
        """The visits of other zones.

        Args:
            outlines: The new zones.
            kept: (Z',) int64, which of the zones here each of the new ones is; -1 = a new one.
        """
        found = Visits(outlines)
        new = np.flatnonzero(kept >= 0)
        old = kept[new]
        found._stays = self._stays.rearranged(kept)
        found._reach_slots(len(self._inside))
        for name in ("visitors", "_is_drawn_now", "_returning"):
            getattr(found, name)[new] = getattr(self, name)[old]
        for name in ("_inside", "_been", "_entered_s"):
            getattr(found, name)[:, new] = getattr(self, name)[:, old]
        found._returned_s = self._returned_s
        return found

    def update(
        self,
        present: Present,
        shares: FloatArray,
        heights_px: FloatArray,
        *,
        capacity: int,
        now_s: float,
        picture_wh: tuple[int, int],
    ) -> BoolArray:
        """Take one frame.

        Args:
            present: Who the N people are.
            shares: (N, 2) float64, foot points, shares of the picture
                (`as_standing_shares`).
            heights_px: (N,) float64, heights of the boxes, pixels.
            capacity: Slots there are.
            now_s: Seconds, never less than before.
            picture_wh: Width and height of the picture, pixels.

        Returns:
            (N, Z) bool, who counts in which zone.
        """
        self._reach_slots(capacity)
        self.close(present.departed)
        raw = self._outlines.contains(shares)
        known = np.flatnonzero(present.slots >= 0)
        slots, now = present.slots[known], raw[known]
        held = self._inside[slots]
        is_changed = present.is_new[known]
        held[is_changed] = now[is_changed]
        if self._is_drawn_now.any():
            held[:, self._is_drawn_now] = now[:, self._is_drawn_now]
            self._is_drawn_now[:] = False
            is_changed = np.ones(known.size, np.bool_)
        moved = self._clearly_moved(held, now, shares[known], heights_px[known], picture_wh)
        held[moved] = now[moved]
        is_changed[moved] = True
        changed = np.flatnonzero(is_changed)
        self._pass(slots[changed], held[changed], now_s=now_s)
        raw[known] = held
        return raw

    def close(self, departed: Departed) -> None:
        """End the stays of people who are remembered no longer."""
        if departed.slots.size == 0:
            return
        person, zones = pairs_of(self._inside[departed.slots])
        stays_s = departed.seen_s[person] - self._entered_s[departed.slots[person], zones]
        self._stays.add(zones, stays_s, departed.has_left[person])
        self._inside[departed.slots] = False
        self._been[departed.slots] = False

    def break_off(self, departed: Departed, *, now_s: float, is_short: bool) -> None:
        """Close all stays: the stream broke off.

        Args:
            departed: Everybody.
            now_s: Seconds.
            is_short: The same people may be expected to be there still.
        """
        if is_short:
            still = departed.slots[~departed.has_left]
            # a second break before anybody was seen again: those of before it are still awaited
            awaited = self._returning if now_s - self._returned_s <= RETURN_S else 0
            self._returning = np.asarray(self._inside[still].sum(axis=0) + awaited, np.int64)
        else:
            self._returning[:] = 0
        self._returned_s = now_s
        self.close(departed)

    def dwell(self, seen_s: FloatArray) -> Dwell:
        """How long people stay.

        Args:
            seen_s: (capacity,) float64, when the person of each slot was last seen, seconds.
        """
        slots, zones = pairs_of(self._inside)
        return self._stays.dwell(zones, seen_s[slots] - self._entered_s[slots, zones])

    def _reach_slots(self, capacity: int) -> None:
        more = capacity - len(self._inside)
        if more <= 0:
            return
        zones = len(self._outlines)
        self._inside = np.append(self._inside, np.zeros((more, zones), np.bool_), axis=0)
        self._been = np.append(self._been, np.zeros((more, zones), np.bool_), axis=0)
        self._entered_s = np.append(self._entered_s, np.zeros((more, zones)), axis=0)

    def _clearly_moved(
        self,
        held: BoolArray,
        raw: BoolArray,
        shares: FloatArray,
        heights_px: FloatArray,
        picture_wh: tuple[int, int],
    ) -> npt.NDArray[np.int64]:
        """Rows of those whose zones are others now."""
        rows, zones = pairs_of(held != raw)
        if rows.size == 0:
            return rows
        scale = np.array(picture_wh, np.float64)
        known = np.where(np.isfinite(shares[rows]), shares[rows], -1.0)
        apart = self._outlines.distances(known, zones, scale)
        narrow = self._outlines.half_widths(scale)[zones] / 2
        return np.unique(rows[apart >= np.minimum(CLEAR_HEIGHTS * heights_px[rows], narrow)])

    def _pass(self, slots: IntArray, after: BoolArray, *, now_s: float) -> None:
        """Note who came in and who went out."""
        rows, zones = pairs_of(self._inside[slots] != after)
        self._inside[slots] = after
        if rows.size == 0:
            return
        is_in = after[rows, zones]
        if not is_in.all():
            gone, left = rows[~is_in], zones[~is_in]
            stays_s = now_s - self._entered_s[slots[gone], left]
            self._stays.add(left, stays_s, np.ones(gone.size, np.bool_))
        rows, zones = rows[is_in], zones[is_in]
        self._entered_s[slots[rows], zones] = now_s
        is_first = ~self._been[slots[rows], zones]
        self._been[slots[rows], zones] = True
        came = np.bincount(zones[is_first], minlength=len(self.visitors))
        if now_s - self._returned_s <= RETURN_S:
            known = np.minimum(came, self._returning)
            self._returning -= known
            came = came - known
        self.visitors += came
