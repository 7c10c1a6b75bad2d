"""The analyser with a density map: what is published of it, and how far it is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.frame import Tracks
from backend.core.measurements import CountMethod, CrowdMetrics, CrowdPicture, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from tests.crowd.hybrid.scene import PICTURE_WH, block, boxes_at, crowd_map, people_per_cell
from tests.ground_camera import GroundCamera, rectangle

DENSE = block(100, spacing_px=15.0)
FULL = SaturationEvidence(True, "Many further signs of people.", 0.9, 0.0, missed_high=60.0)
CLEAR = SaturationEvidence(False, "", 0.0, 0.0, missed_high=60.0)


def _watch(
    tracks: Tracks,
    *,
    seconds: int = 6,
    saturation: SaturationEvidence = FULL,
    doubt: str = "",
    crowded_per_cell: float = 4.0,
    analyzer: CrowdAnalyzer | None = None,
) -> tuple[CrowdMetrics, CrowdPicture]:
    watching = analyzer or CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    people = people_per_cell(DENSE)
    for t in range(seconds):
        found = crowd_map(people, t, doubt=doubt, crowded_per_cell=crowded_per_cell)
        facts = FrameFacts(float(t), 0, PICTURE_WH, saturation, crowd_map=found)
        metrics, picture = watching.update(tracks, facts)
    return metrics, picture


def test_the_map_counts_where_boxes_cannot() -> None:
    metrics, picture = _watch(boxes_at(DENSE[:12]))
    assert metrics.count == pytest.approx(100, rel=0.02)
    assert (metrics.trust, metrics.count_method) == (Trust.ESTIMATED, CountMethod.MAP)
    assert metrics.trust_reason.startswith("More people than can be told apart: counted on")
    assert metrics.map_share > 0.98
    assert metrics.count_high is not None
    # the survey's 60 are among those the map counts: they widen nothing
    assert metrics.count_high < 100 + 1.7 * np.hypot(0.6 * 10, 0.08 * 100) + 2
    assert picture.crowd_map is not None
    assert picture.map_shares is not None
    assert picture.map_shares.shape == picture.crowd_map.people.shape


def test_what_is_told_of_single_people_stays_as_sure_as_the_boxes() -> None:
    metrics, _ = _watch(boxes_at(DENSE[:12]))
    for name in ("cluster_count", "largest_cluster", "proximity_pairs", "moving_count"):
        assert metrics.quality[name].trust is Trust.SATURATED
        assert metrics.quality[name].reason == FULL.reason
    for name in ("count", "surge", "net_inflow_per_s", "egress_time_s"):
        assert metrics.quality[name].trust is Trust.ESTIMATED


def test_without_a_say_of_the_map_saturated_boxes_are_at_least() -> None:
    dark, picture = _watch(boxes_at(DENSE[:12]), doubt="The picture is too dark.")
    assert (dark.trust, dark.count_high) == (Trust.SATURATED, None)
    assert (dark.count, dark.map_share) == (12, 0)
    assert picture.crowd_map is None
    beyond, _ = _watch(boxes_at(DENSE[:12]), crowded_per_cell=0.5)
    assert (beyond.trust, beyond.count_high) == (Trust.SATURATED, None)
    assert "validated" in beyond.trust_reason


def test_the_map_says_that_boxes_miss_people_before_the_survey_does() -> None:
    metrics, _ = _watch(boxes_at(DENSE[:12]), saturation=CLEAR)
    assert metrics.trust is Trust.ESTIMATED
    assert metrics.quality["count"].reason.startswith("More people than can be told apart")
    assert metrics.quality["cluster_count"].trust is Trust.SATURATED


def test_a_lost_map_leaves_saturated_boxes() -> None:
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    _watch(boxes_at(DENSE[:12]), saturation=CLEAR, analyzer=analyzer)
    for t in range(6, 20):
        facts = FrameFacts(float(t), 0, PICTURE_WH, CLEAR)
        metrics, picture = analyzer.update(boxes_at(DENSE[:12]), facts)
    assert metrics.count == 12
    assert metrics.trust is Trust.SATURATED
    assert picture.map_shares is None


def test_a_calibrated_camera_counts_the_monitored_area() -> None:
    """A crowd of 4/m² of whom the boxes find nobody; half of it is monitored."""
    around, place = rectangle(-2, -2, 12, 12), rectangle(0, 0, 10, 5)
    camera = GroundCamera.over(around, picture_wh=PICTURE_WH)
    axis = np.arange(-0.75, 11, 0.5)
    standing = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    boxes = camera.boxes(standing)
    heads = np.stack(
        [boxes[:, [0, 2]].mean(axis=1), 0.95 * boxes[:, 1] + 0.05 * boxes[:, 3]], axis=1
    )
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=None,
        calibration=camera.calibration(place, walkable=around),
        recall=PERFECT_RECALL,
    )
    people = people_per_cell(heads)
    for t in range(6):
        facts = FrameFacts(float(t), 0, PICTURE_WH, FULL, crowd_map=crowd_map(people, t))
        metrics, _ = analyzer.update(Tracks.empty(), facts)
    assert metrics.count == pytest.approx(200, rel=0.1)
    assert metrics.density_per_m2 == pytest.approx(4, rel=0.1)
    assert metrics.trust is Trust.ESTIMATED


@pytest.mark.parametrize("gap_s", [4.9, 5.1, 8.0])
def test_a_slow_camera_is_counted_on_the_map_of_the_frame_before(gap_s: float) -> None:
    """60 people, 12 boxes; what the detector misses is as near as its survey knows."""
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    heads = block(60, spacing_px=15.0)
    people = people_per_cell(heads)
    for k in range(6):
        found = crowd_map(people, (k - 1) * gap_s) if k else None
        facts = FrameFacts(k * gap_s, 0, PICTURE_WH, CLEAR, crowd_map=found)
        metrics, _ = analyzer.update(boxes_at(heads[:12]), facts)
    assert metrics.count == pytest.approx(60, rel=0.02)
    assert (metrics.count_method, metrics.trust) == (CountMethod.MAP, Trust.ESTIMATED)


def test_saturated_outlives_silence_of_the_survey() -> None:
    """The survey misses 600, the map shows 100: it does not account for them, then or later."""
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    full = replace(FULL, missed_high=600.0)
    metrics, _ = _watch(boxes_at(DENSE[:12]), saturation=full, analyzer=analyzer)
    assert (metrics.trust, metrics.count_high) == (Trust.SATURATED, None)
    for t in range(6, 50):
        found = crowd_map(people_per_cell(DENSE), t)
        facts = FrameFacts(float(t), 0, PICTURE_WH, None, crowd_map=found)
        metrics, _ = analyzer.update(boxes_at(DENSE[:12]), facts)
        assert (metrics.trust, metrics.count_high) == (Trust.SATURATED, None)


def test_a_stream_that_comes_back_with_a_map_is_counted_on_without_a_dip() -> None:
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    before, _ = _watch(boxes_at(DENSE[:12]), analyzer=analyzer)
    people = people_per_cell(DENSE)
    for k in range(10):
        t = 0.2 * k
        found = crowd_map(people, t, segment=1)
        outage_s = None if k else 7.5
        facts = FrameFacts(t, 1, PICTURE_WH, FULL, crowd_map=found, outage_s=outage_s)
        metrics, picture = analyzer.update(boxes_at(DENSE[:12]), facts)
        assert metrics.count == pytest.approx(before.count, rel=1e-3)
        assert (metrics.trust, metrics.count_method) == (Trust.ESTIMATED, CountMethod.MAP)
        assert picture.crowd_map is found


@pytest.mark.parametrize("saturation", [FULL, CLEAR])
def test_a_stream_that_comes_back_without_a_map_is_at_least_and_no_surge(
    saturation: SaturationEvidence,
) -> None:
    """For two seconds twelve boxes alone count; the map's return is none of the crowd's doing."""
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=500, recall=PERFECT_RECALL
    )
    _watch(boxes_at(DENSE[:12]), saturation=saturation, analyzer=analyzer)
    people = people_per_cell(DENSE)
    counts = []
    for k in range(190):
        t = 0.5 * k
        found = None if t < 2 else crowd_map(people, t, segment=1)
        outage_s = None if k else 7.5
        facts = FrameFacts(t, 1, PICTURE_WH, saturation, crowd_map=found, outage_s=outage_s)
        metrics, picture = analyzer.update(boxes_at(DENSE[:12]), facts)
        counts.append(metrics.count)
        if found is None:
            assert (metrics.trust, metrics.count_high) == (Trust.SATURATED, None)
            assert (metrics.count_method, picture.crowd_map) == (CountMethod.BOXES, None)
        assert not metrics.surge_significant
        if metrics.net_inflow_per_s is not None:
            assert abs(metrics.net_inflow_per_s) < 0.05
    assert metrics.surge == pytest.approx(0, abs=0.01)
    assert metrics.net_inflow_per_s is not None
    assert counts[:4] == [12] * 4
    assert counts[4] == pytest.approx(12 + 0.5 * 88, abs=3), "from where the shares have come to"
    assert counts[8:] == pytest.approx([100] * len(counts[8:]), rel=0.01)
