"""Heat of the density map: people per hundredth of the picture, one colour for one number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import Overlay
from backend.core.measurements import CountMethod, TrackView
from backend.core.observation import CrowdMap, FrameFacts
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from backend.vision.overlay import OverlayRenderer
from backend.vision.overlay.map_heat import LiveMap, compute_map_heat, head_points
from tests import builders
from tests.crowd.hybrid.scene import PICTURE_WH, block, boxes_at, people_per_cell
from tests.crowd.hybrid.scene import crowd_map as counted_map
from tests.vision.overlay.maps import GRID_HW, WH, crowd_map, even, snapshot, whole

NO_BOXES = np.zeros((0, 2))
HEAT = frozenset({Overlay.HEAT})
LEGEND = np.s_[380:, 300:]


def shown(
    found: CrowdMap | None,
    shares: npt.NDArray[np.float32] | None,
    *,
    tracks: tuple[TrackView, ...] = (),
    out_wh: tuple[int, int] = WH,
) -> npt.NDArray[np.uint8]:
    return OverlayRenderer().render(
        builders.image(width=WH[0], height=WH[1], value=90),
        snapshot(found, shares, tracks=tracks),
        overlays=HEAT,
        out_wh=out_wh,
    )


def test_four_hundred_people_all_over_are_four_in_every_hundredth() -> None:
    live = LiveMap(crowd_map(even(400)), whole())
    assert compute_map_heat(live, NO_BOXES) == pytest.approx(4.0, rel=1e-4)


def test_the_field_holds_as_many_people_as_the_map() -> None:
    people = np.zeros(GRID_HW, np.float32)
    people[20:24, 30:40] = 0.5
    people[0, 0] = 3.0
    field = compute_map_heat(LiveMap(crowd_map(people), whole()), NO_BOXES)
    hundredths_in_a_cell = 64 / (0.01 * WH[0] * WH[1])
    assert field.sum() * hundredths_in_a_cell == pytest.approx(people.sum(), rel=1e-3)


def test_the_scene_has_the_same_heat_at_any_resolution() -> None:
    people = np.zeros(GRID_HW, np.float32)
    people[10:30, 20:50] = 0.1
    small = crowd_map(people)
    large = replace(small, cell_wh_px=(24.0, 24.0), picture_wh=(3 * WH[0], 3 * WH[1]))
    low, high = (compute_map_heat(LiveMap(found, whole()), NO_BOXES) for found in (small, large))
    assert high == pytest.approx(low, rel=1e-4, abs=1e-5)


def test_what_the_map_leaves_the_boxes_count_and_the_hand_over_moves_nothing() -> None:
    """One person, seen by both: whoever counts, there is one, at the same place."""
    row, column = 20, 30
    people = np.zeros(GRID_HW, np.float32)
    people[row, column] = 1.0
    head = np.array([[(column + 0.5) * 8, (row + 0.5) * 8]])
    fields = [
        compute_map_heat(LiveMap(crowd_map(people), whole(share)), head)
        for share in (0.0, 0.25, 1.0)
    ]
    assert fields[0].max() == pytest.approx(2.0, rel=0.02), "alone: 4 π σ² / 2 π σ²"
    for field in fields[1:]:
        assert field == pytest.approx(fields[0], abs=1e-5)


def test_the_head_of_a_box_is_a_tenth_of_its_height_down() -> None:
    tracks = builders.track_views((100, 50, 140, 150), (0, 0, 10, 10))
    assert head_points(tracks).tolist() == [[120, 60], [5, 1]]
    assert head_points(()).shape == (0, 2)


def test_shares_are_read_at_the_cell_and_beyond_the_border_at_the_nearest() -> None:
    shares = whole(0.0)
    shares[:, 79] = 0.5
    live = LiveMap(crowd_map(), shares)
    assert live.share_at([[636, 10], [631, 10], [900, -40]]).tolist() == [0.5, 0.0, 0.5]
    assert live.share_at(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("found", "shares", "is_shown"),
    [
        (crowd_map(), whole(), True),
        (crowd_map(), None, False),
        (None, None, False),
        (crowd_map(), whole()[:-1], False),
    ],
)
def test_a_map_is_shown_with_the_shares_it_counts_by(
    found: CrowdMap | None, shares: npt.NDArray[np.float32] | None, is_shown: bool
) -> None:
    assert (LiveMap.of(snapshot(found, shares)) is not None) is is_shown


@pytest.mark.parametrize("gap_s", [1.0, 4.9, 5.1, 8.0, 60.0])
def test_what_counts_is_drawn_however_far_apart_frames_are_and_nothing_else(gap_s: float) -> None:
    """The map of the frame before comes with each frame; then no more maps come."""
    heads = block(100, spacing_px=15.0)
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    shown = []
    for k in range(25):
        at_s = k * gap_s
        found = counted_map(people_per_cell(heads), at_s - gap_s) if 0 < k < 8 else None
        facts = FrameFacts(at_s, 0, PICTURE_WH, crowd_map=found)
        crowd, picture = analyzer.update(boxes_at(heads[:12]), facts)
        seen = builders.snapshot(crowd=crowd, picture=picture, stream_time_s=at_s)
        shown.append((LiveMap.of(seen) is not None, crowd.map_share))
    assert shown[0] == (False, 0.0)
    assert all(is_live for is_live, _ in shown[1:8])
    assert shown[7][1] > 0.98
    holds_s = max(5.0, gap_s + 0.5)
    for k in range(8, 25):
        age_s = (k - 6) * gap_s  # the last map was counted in frame 6
        assert shown[k][0] is (age_s <= holds_s)
    assert shown[-1] == (False, 0.0)


def test_a_map_that_only_fades_out_of_the_count_is_not_drawn() -> None:
    heads = block(100, spacing_px=15.0)
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    for t in range(8):
        dark = "It is too dark." if t > 5 else ""
        found = counted_map(people_per_cell(heads), float(t), doubt=dark)
        facts = FrameFacts(float(t), 0, PICTURE_WH, crowd_map=found)
        crowd, picture = analyzer.update(boxes_at(heads[:12]), facts)
    assert crowd.map_share > 0.5
    assert LiveMap.of(builders.snapshot(crowd=crowd, picture=picture, stream_time_s=7.0)) is None


def test_heat_lies_where_the_crowd_is_and_its_colour_is_its_number() -> None:
    people = np.zeros(GRID_HW, np.float32)
    people[15:25, 15:25] = 0.2
    warm, hot = (shown(crowd_map(k * people), whole()).astype(int) for k in (1, 8))
    plain = np.full(3, 90)
    at_crowd, elsewhere = np.s_[160, 160], np.s_[320, 200]
    assert np.abs(warm[at_crowd] - plain).max() > 40
    assert np.abs(warm[elsewhere] - plain).max() <= 2
    assert hot[at_crowd].sum() > warm[at_crowd].sum(), "denser is lighter"
    over, far_over = (shown(crowd_map(even(people)), whole()) for people in (12_000, 90_000))
    assert np.array_equal(over[at_crowd], far_over[at_crowd]), "the scale ends at 100"


def test_a_trace_of_people_on_empty_ground_is_not_drawn() -> None:
    blank = shown(crowd_map(), whole())
    assert np.array_equal(shown(crowd_map(even(20)), whole()), blank)


def test_without_a_map_the_boxes_are_drawn() -> None:
    tracks = builders.track_views((300, 100, 340, 200))
    alone, nobody = shown(None, None, tracks=tracks), shown(None, None)
    assert not np.array_equal(alone, nobody)
    assert not np.array_equal(alone, shown(crowd_map(even(900)), whole(), tracks=tracks))


def test_the_same_number_has_the_same_colour_at_any_size() -> None:
    people = np.zeros(GRID_HW, np.float32)
    people[10:30, 10:30] = 0.3
    large = shown(crowd_map(people), whole())
    small = shown(crowd_map(people), whole(), out_wh=(320, 240))
    assert np.abs(large[160, 160].astype(int) - small[80, 80].astype(int)).max() <= 6


@pytest.mark.parametrize("wh", [(1920, 1080), (854, 480), (405, 720), (64, 48), (17, 9)])
def test_it_can_be_drawn_at_any_size(wh: tuple[int, int]) -> None:
    assert shown(crowd_map(even(3000)), whole(), out_wh=wh).shape == (wh[1], wh[0], 3)


def test_cells_beyond_the_picture_do_not_move_the_others() -> None:
    """The map of a picture that is no multiple of the cell reaches over its edge."""
    people = np.zeros((61, 83), np.float32)
    people[15:25, 15:25] = 0.2
    wider = replace(crowd_map(people), picture_wh=WH)
    narrow = crowd_map(people[:60, :80])
    pictures = [
        shown(found, np.ones(found.people.shape, np.float32)).astype(int)
        for found in (wider, narrow)
    ]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1


def test_the_legend_says_what_counted_and_that_it_counts_at_least() -> None:
    some = builders.metrics(count=40.0)
    crowds = [
        some,
        replace(some, count_method=CountMethod.BLEND),
        replace(some, count_method=CountMethod.MAP),
        replace(some, count_method=CountMethod.MAP, count_high=None),
    ]
    legends = []
    for crowd in crowds:
        picture = OverlayRenderer().render(
            builders.image(width=WH[0], height=WH[1], value=90),
            snapshot(crowd_map(), whole(), crowd=crowd),
            overlays=HEAT,
        )
        legends.append(picture[LEGEND].tobytes())
    assert len(set(legends)) == len(legends)
