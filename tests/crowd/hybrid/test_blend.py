"""Shares in time: their pace, frame rates, expiry, doubt, and fresh starts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray, Tracks
from backend.core.observation import CrowdMap, FrameFacts
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.hybrid.blend import MAP_EXPIRES_S, OUTAGE_HOLDS_S, SHARE_PER_S, HybridCounter
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.sighting import SightingLog
from backend.crowd.stream_clock import StreamClock
from tests.crowd.hybrid.scene import (
    CELL_PX,
    PICTURE_WH,
    block,
    boxes_at,
    crowd_map,
    people_per_cell,
)

CROWD = people_per_cell(block(100, spacing_px=15.0))
OPEN = people_per_cell(block(6, spacing_px=300.0, left=100, top=50))


class Stream:
    """A hybrid counter and the frames it is given."""

    def __init__(self) -> None:
        self.counter = HybridCounter()
        self._clock = StreamClock()
        self._log = SightingLog(None, PERFECT_RECALL)

    def see(
        self,
        t: float,
        found: CrowdMap | None = None,
        *,
        tracks: Tracks | None = None,
        segment: int = 0,
        picture_wh: tuple[int, int] = PICTURE_WH,
        outage_s: float | None = None,
    ) -> HybridReading | None:
        facts = FrameFacts(t, segment, picture_wh, crowd_map=found, outage_s=outage_s)
        step = self._clock.advance(t, segment=segment)
        seen = self._log.see(tracks or Tracks.empty(), facts)
        return self.counter.update(seen, facts, step=step)


def _peak(reading: HybridReading | None) -> float:
    return 0.0 if reading is None else float(reading.shares.max())


def test_without_a_map_there_is_nothing_to_say() -> None:
    stream = Stream()
    assert stream.see(0.0) is None
    assert stream.see(0.1, crowd_map(CROWD, 0.0, doubt="It is too dark.")) is None
    assert stream.see(0.2, crowd_map(CROWD, 0.2, segment=4)) is None
    stream.see(8.9)
    assert stream.see(9.0, crowd_map(CROWD, 0.3)) is None


def test_a_map_takes_over_in_four_seconds_and_goes_in_four() -> None:
    stream = Stream()
    found = crowd_map(CROWD, 0.0)
    assert _peak(stream.see(0.0, found)) == 0
    reading = stream.see(1.0, found)
    assert reading is not None
    assert _peak(reading) == pytest.approx(0.25)
    assert reading.wanted is not None
    assert reading.wanted.max() == 1
    for t in (2.0, 3.0, 4.0, 5.0):
        reading = stream.see(float(t), found)
    assert _peak(reading) == 1
    assert reading is not None
    assert reading.is_live
    reading = stream.see(5.1, found)
    assert reading is not None
    assert not reading.is_live
    reading = stream.see(6.1, found)
    assert reading is not None
    assert _peak(reading) == pytest.approx(0.75)
    assert reading.people is found.people
    for t in (7.0, 8.0, 9.0):
        assert _peak(stream.see(t, found)) > 0
    assert stream.see(9.2, found) is None
    assert stream.see(10.0, found) is None


@pytest.mark.parametrize("gap_s", [1.0, 4.9, 5.1, 8.0, 60.0])
def test_however_far_apart_frames_are_the_map_of_the_frame_before_holds(gap_s: float) -> None:
    """A live camera is counted after its snapshot: the map comes with the next frame."""
    stream = Stream()
    assert stream.see(0.0) is None
    for k in range(1, 7):
        reading = stream.see(k * gap_s, crowd_map(CROWD, (k - 1) * gap_s))
        assert reading is not None
        assert reading.is_live
    assert _peak(reading) == 1
    # no new one any more
    found = stream.counter.crowd_map
    for k in range(7, 13):
        reading = stream.see(k * gap_s, found)
    assert reading is None or not reading.is_live


def test_after_a_gap_a_map_from_before_it_does_not_hold_on() -> None:
    stream = Stream()
    stream.see(0.0)
    before = crowd_map(CROWD, 0.0)
    stream.see(8.0, before)
    reading = stream.see(8.1, before)
    assert reading is None or not reading.is_live
    assert stream.see(8.2, crowd_map(CROWD, 0.1)) is None


@pytest.mark.parametrize(("phantoms_say", "expected"), [(0, False), (1, True)])
def test_only_where_the_map_counts_it_can_be_beyond_what_was_validated(
    phantoms_say: int, expected: bool
) -> None:
    """24 people in one place, by boxes too unless the map has a say there; a crowd elsewhere."""
    people = people_per_cell(block(100, spacing_px=15.0))
    people[40:44, 80:84] = 1.5
    heads = (np.stack(np.meshgrid(np.arange(80, 84), np.arange(40, 44)), -1) + 0.5) * CELL_PX
    known = np.repeat(heads.reshape(-1, 2), 2, axis=0)
    stream = Stream()
    for t in range(6):
        reading = stream.see(
            float(t),
            crowd_map(people, float(t), crowded_per_cell=1.4),
            tracks=boxes_at(known[: 0 if phantoms_say else len(known)]),
        )
    assert reading is not None
    assert reading.shares[12:20, 12:20].max() == 1
    assert bool(reading.shares[40:44, 80:84].any()) is bool(phantoms_say)
    assert reading.is_beyond is expected


def test_a_doubtful_map_takes_the_say_away_without_a_jump() -> None:
    stream = Stream()
    for t in range(6):
        stream.see(float(t), crowd_map(CROWD, float(t)))
    dark = crowd_map(0 * CROWD, 6.0, doubt="It is too dark.")
    reading = stream.see(6.0, dark)
    assert reading is not None
    assert not reading.is_live
    assert _peak(reading) == 1
    reading = stream.see(7.0, dark)
    assert reading is not None
    assert _peak(reading) == pytest.approx(0.75)
    assert reading.people.sum() == pytest.approx(100, rel=1e-3)
    stream.see(7.1, crowd_map(CROWD, 7.1))
    assert _peak(stream.see(8.1)) == pytest.approx(0.975)


def _dense_stream() -> Stream:
    """A stream of six seconds in which the map has come to count alone."""
    stream = Stream()
    for t in range(6):
        stream.see(float(t), crowd_map(CROWD, float(t)))
    return stream


def test_a_stream_that_comes_back_with_a_map_goes_on_where_it_was() -> None:
    stream = _dense_stream()
    for t in (0.0, 0.1, 1.0):
        found = crowd_map(0.9 * CROWD, t, segment=1)
        reading = stream.see(t, found, segment=1, outage_s=7.5 if t == 0 else None)
        assert reading is not None
        assert reading.is_live
        assert _peak(reading) == 1
        assert reading.people is found.people, "nothing of the segment before is counted"


def test_a_stream_that_comes_back_without_a_map_counts_boxes_and_its_shares_run_down() -> None:
    for without_s in (0.0, 0.2, 2.0, 3.0, 4.0, 6.0):
        stream = _dense_stream()
        for k in range(round(without_s / 0.2)):
            assert stream.see(0.2 * k, segment=1, outage_s=3.0 if k == 0 else None) is None
            assert stream.counter.crowd_map is None
        found = crowd_map(CROWD, without_s, segment=1)
        reading = stream.see(without_s, found, segment=1, outage_s=None if without_s else 3.0)
        assert _peak(reading) == pytest.approx(max(1 - 0.25 * without_s, 0), abs=1e-4)


def test_a_doubtful_map_brings_back_no_people_of_the_segment_before() -> None:
    stream = _dense_stream()
    grey = crowd_map(0 * CROWD, 0.0, segment=1, doubt="It has no contrast.")
    assert stream.see(0.0, grey, segment=1, outage_s=3.0) is None
    assert stream.see(1.0, grey, segment=1) is None
    assert _peak(stream.see(1.1, crowd_map(CROWD, 1.1, segment=1), segment=1)) == pytest.approx(
        0.725
    )


@pytest.mark.parametrize(
    ("outages_s", "is_kept"),
    [
        ([0.04], True),
        ([OUTAGE_HOLDS_S], True),
        ([OUTAGE_HOLDS_S + 0.1], False),
        ([None], False),
        ([20.0, 20.0], False),
        ([10.0, 10.0], True),
    ],
)
def test_after_a_long_break_or_an_unknown_one_it_starts_afresh(
    outages_s: list[float | None], is_kept: bool
) -> None:
    stream = _dense_stream()
    for segment, outage_s in enumerate(outages_s, start=1):
        assert stream.see(0.0, segment=segment, outage_s=outage_s) is None
    last = len(outages_s)
    reading = stream.see(0.0, crowd_map(CROWD, 0.0, segment=last), segment=last)
    assert _peak(reading) == (1 if is_kept else 0)


def test_breaks_add_up_only_from_the_last_map_on() -> None:
    stream = _dense_stream()
    for segment in range(1, 6):
        found = crowd_map(CROWD, 0.0, segment=segment)
        assert _peak(stream.see(0.0, found, segment=segment, outage_s=20.0)) == 1


@pytest.mark.parametrize("change", ["shape", "picture"])
def test_a_stream_that_comes_back_with_another_picture_starts_afresh(change: str) -> None:
    stream = _dense_stream()
    found = crowd_map(CROWD[:-1], 0.0, segment=1)
    if change == "picture":
        found = CrowdMap(0.0, 1, CROWD, (8.0, 8.0), (768, 432), found.heads_px, found.error, 4.0)
    reading = stream.see(0.0, found, segment=1, picture_wh=found.picture_wh, outage_s=1.0)
    assert reading is not None
    assert _peak(reading) == 0
    assert reading.shares.shape == found.people.shape


@pytest.mark.parametrize("change", ["shape", "picture"])
def test_other_pictures_start_afresh(change: str) -> None:
    stream = _dense_stream()
    other = crowd_map(CROWD[:-1] if change == "shape" else CROWD, 6.0)
    if change == "picture":
        assert stream.see(6.0, other, picture_wh=(768, 432)) is None
        other = CrowdMap(6.1, 0, CROWD, (8.0, 8.0), (768, 432), other.heads_px, other.error, 4.0)
    reading = stream.see(6.2, other, picture_wh=other.picture_wh)
    assert reading is not None
    assert _peak(reading) <= 0.25
    assert reading.shares.shape == other.people.shape


def test_an_open_scene_gives_the_map_no_say() -> None:
    stream = Stream()
    for t in range(20):
        reading = stream.see(float(t), crowd_map(OPEN, float(t)))
        assert reading is not None
        assert len(reading.map_people) == 0
        assert reading.map_people.heads_px.shape == (0, 2)


def test_a_box_counts_by_the_share_at_its_head() -> None:
    heads: FloatArray = np.array([[270.0, 270.0], [1200.0, 60.0], [1400.0, -50.0]])
    stream = Stream()
    for t in range(6):
        reading = stream.see(float(t), crowd_map(CROWD, float(t)), tracks=boxes_at(heads))
    assert reading is not None
    assert reading.track_share.tolist() == [0, 1, 1]
    people = reading.map_people
    assert people.people.sum() == pytest.approx(float((reading.shares * reading.people).sum()))
    assert people.counted.min() > 0
    assert (people.share > 0).all()


def test_what_is_handed_out_cannot_be_changed() -> None:
    stream = Stream()
    for t in (0.0, 1.0):
        reading = stream.see(t, crowd_map(CROWD, t))
    assert reading is not None
    for array in (reading.shares, reading.map_people.share, reading.map_people.counted):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.5


@pytest.mark.parametrize("rate_hz", [2.0, 5.0, 25.0])
def test_the_frame_rate_changes_nothing(rate_hz: float) -> None:
    stream = Stream()
    peaks = []
    newest = crowd_map(CROWD, 0.0)
    for k in range(round(12 * rate_hz) + 1):
        t = k / rate_hz
        if t == 5:
            newest = crowd_map(OPEN, 5.0)
        peaks.append(_peak(stream.see(t, newest)))
    each_second = peaks[:: round(rate_hz)]
    rising, falling = [0, 0.25, 0.5, 0.75, 1, 1], [0.75, 0.5, 0.25, 0, 0, 0, 0]
    assert each_second == pytest.approx(rising + falling, abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(
    steps=st.lists(
        st.tuples(st.floats(0.0, 3.0), st.sampled_from(["none", "crowd", "open", "doubt", "same"])),
        min_size=1,
        max_size=25,
    )
)
def test_no_share_ever_moves_faster_than_its_pace(steps: list[tuple[float, str]]) -> None:
    stream = Stream()
    t = 0.0
    before = np.zeros_like(CROWD)
    found: CrowdMap | None = None
    for elapsed_s, kind in steps:
        t += elapsed_s
        if kind in ("crowd", "open", "doubt"):
            people = OPEN if kind == "open" else CROWD
            found = crowd_map(people, t, doubt="Dark." if kind == "doubt" else "")
        reading = stream.see(t, None if kind == "none" else found)
        shares = np.zeros_like(CROWD) if reading is None else reading.shares
        moved = float(np.abs(shares - before).max())
        assert moved <= SHARE_PER_S * elapsed_s + 2e-4
        assert 0 <= shares.min() <= shares.max() <= 1
        if reading is not None:
            assert stream.counter.crowd_map is not None
            age_s = t - stream.counter.crowd_map.stream_time_s
            assert not (reading.is_live and age_s > MAP_EXPIRES_S)
        before = shares
