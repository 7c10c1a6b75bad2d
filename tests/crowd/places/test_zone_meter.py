"""Zones through the analyser: what is read of them beside what is measured of the camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from backend.core.calibration import Calibration, CalibrationMethod, Point
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.places import CameraPlaces, Zone, ZoneProfile, ZoneReading
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from backend.crowd.places.zone_meter import ZoneMeter
from tests.crowd.hybrid.scene import PICTURE_WH, block, boxes_at, crowd_map, people_per_cell
from tests.ground_camera import GroundCamera, rectangle

CLEAR = SaturationEvidence(False, "", 0.0, 0.0)
FULL = SaturationEvidence(True, "Many further signs of people.", 0.9, 0.0, missed_high=60.0)
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
HUB: Point = (0.29, 0.41)
PARTS = tuple((HUB, a, b) for a, b in zip(WHOLE, (*WHOLE[1:], WHOLE[0]), strict=True))
DENSE = block(100, spacing_px=15.0)

GROUND = rectangle(0, 0, 12, 8)
CAMERA = GroundCamera.over(rectangle(-1, -1, 13, 9), picture_wh=PICTURE_WH)


def _places(*rings: Sequence[Point], **each: object) -> CameraPlaces:
    zones = tuple(Zone(k, f"Zone {k}", tuple(ring), **each) for k, ring in enumerate(rings))  # type: ignore[arg-type]
    return CameraPlaces(1, zones)


def _on_ground(corners_m: FloatArray) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in (CAMERA.feet_px(corners_m) / PICTURE_WH).tolist())


class _Watch:
    """An analyser with zones, fed a frame at a time."""

    def __init__(
        self,
        places: CameraPlaces,
        *,
        monitored: FloatArray | None = None,
        calibration: Calibration | None = None,
        saturation: SaturationEvidence = CLEAR,
    ) -> None:
        if monitored is not None:
            calibration = CAMERA.calibration(monitored)
        self.analyzer = CrowdAnalyzer(
            AnalysisParams(),
            area_m2=None,
            people_limit=500,
            calibration=calibration,
            recall=PERFECT_RECALL,
        )
        self.analyzer.set_places(places)
        self.saturation = saturation
        self.metrics = CrowdMetrics(0, 0, 0)

    def see(
        self,
        tracks: Tracks,
        t: float,
        *,
        heads: FloatArray | None = None,
        segment: int = 0,
        outage_s: float | None = None,
        fault: str = "",
    ) -> tuple[ZoneReading, ...]:
        found = None
        if heads is not None:
            found = crowd_map(people_per_cell(heads), t, segment=segment)
        facts = FrameFacts(
            t,
            segment,
            PICTURE_WH,
            self.saturation,
            crowd_map=found,
            outage_s=outage_s,
            calibration_fault=fault,
        )
        self.metrics, _ = self.analyzer.update(tracks, facts)
        return self.analyzer.place_readings.zones

    def walk(
        self, where: Callable[[float], FloatArray], *, seconds: float, rate: float = 10
    ) -> tuple[ZoneReading, ...]:
        for k in range(round(seconds * rate) + 1):
            zones = self.see(CAMERA.tracks(where(k / rate)), k / rate)
        return zones


def _counted(reading: ZoneReading | CrowdMetrics) -> list[float | None]:
    return [reading.count, reading.count_low, reading.count_high]


def test_a_zone_over_the_whole_picture_counts_what_the_camera_counts() -> None:
    watch = _Watch(_places(WHOLE, *PARTS))
    heads = np.random.default_rng(1).uniform([20, 20], [1260, 680], (60, 2))
    whole, *parts = watch.see(boxes_at(heads), 0.0)
    assert _counted(whole) == pytest.approx(_counted(watch.metrics))
    assert sum(part.count for part in parts) == pytest.approx(whole.count)
    assert (whole.trust, whole.trust_reason) == (Trust.OK, "")


def test_on_the_density_map_too() -> None:
    watch = _Watch(_places(WHOLE, *PARTS), saturation=FULL)
    for t in range(6):
        whole, *parts = watch.see(boxes_at(DENSE[:12]), float(t), heads=DENSE)
        assert _counted(whole) == pytest.approx(_counted(watch.metrics), rel=1e-5)
        assert sum(part.count for part in parts) == pytest.approx(whole.count, rel=1e-5)
    assert whole.count == pytest.approx(100, rel=0.02)
    assert (whole.trust, whole.trust_reason) == (
        watch.metrics.quality["count"].trust,
        watch.metrics.quality["count"].reason,
    )
    assert whole.map_share == pytest.approx(watch.metrics.map_share)
    assert {part.told_apart_trust for part in (whole, *parts)} == {Trust.SATURATED}
    assert watch.metrics.quality["cluster_count"].trust is Trust.SATURATED
    crowded = max(parts, key=lambda part: part.count)
    assert crowded.count_high is None, "where the feet of these heads are, nobody knows"
    assert "heads" in crowded.trust_reason


def test_calibrated_the_monitored_area_reads_as_the_camera() -> None:
    watch = _Watch(_places(_on_ground(GROUND), _on_ground(rectangle(0, 0, 6, 8))), monitored=GROUND)
    axis = np.arange(0.4, 8, 0.6)
    start = np.stack(np.meshgrid(np.arange(0.4, 6, 0.6), axis), -1).reshape(-1, 2)
    sway = np.random.default_rng(2).uniform(0, 2 * np.pi, len(start))

    def where(t: float) -> FloatArray:
        aside = 0.15 * np.sin(2 * np.pi * t / 2 + sway)
        return start + np.stack([0.1 * t + aside, aside], axis=1)

    whole, west = watch.walk(where, seconds=5)
    metrics = watch.metrics
    assert _counted(whole) == pytest.approx(_counted(metrics), rel=0.02)
    assert whole.area_m2 == pytest.approx(96)
    assert metrics.peak_density_per_m2 is not None
    assert whole.peak_density_per_m2 == pytest.approx(metrics.peak_density_per_m2, rel=0.02)
    assert whole.density_per_m2 == pytest.approx(metrics.density_per_m2, rel=0.02)
    assert whole.mean_speed_mps == pytest.approx(metrics.mean_speed_mps, rel=0.02)
    assert metrics.crowd_pressure_per_s2 is not None
    assert whole.crowd_pressure_per_s2 == pytest.approx(metrics.crowd_pressure_per_s2, rel=0.05)
    assert whole.crowd_pressure_density_per_m2 == pytest.approx(
        metrics.pressure_density_per_m2, rel=0.05
    )
    assert west.area_m2 == pytest.approx(48)
    assert west.density_per_m2 == pytest.approx(west.count / 48)
    assert (whole.metres_trust, whole.metres_reason) == (Trust.OK, "")


def test_without_a_calibration_nothing_is_told_in_metres() -> None:
    (zone,) = _Watch(_places(WHOLE)).see(boxes_at(DENSE[:9]), 0.0)
    assert zone.area_m2 is zone.density_per_m2 is zone.peak_density_per_m2 is None
    assert zone.mean_speed_mps is zone.crowd_pressure_per_s2 is None
    assert zone.crowd_pressure_density_per_m2 is None
    assert (zone.told_apart_trust, zone.map_share) == (Trust.OK, 0.0)


def test_a_calibration_that_does_not_fit_takes_the_metres_and_leaves_the_count() -> None:
    watch = _Watch(_places(WHOLE), monitored=GROUND)
    (zone,) = watch.see(CAMERA.tracks(np.array([[5.0, 5.0]])), 0.0, fault="The camera was moved.")
    assert zone.count == 1
    assert zone.area_m2 is zone.density_per_m2 is None
    assert (zone.metres_trust, zone.metres_reason) == (Trust.UNKNOWN, "The camera was moved.")
    assert zone.trust is Trust.OK


def test_an_estimated_calibration_is_said_beside_the_metres_alone() -> None:
    estimated = CAMERA.calibration(GROUND, method=CalibrationMethod.HEIGHTS)
    watch = _Watch(_places(WHOLE), calibration=estimated)
    (zone,) = watch.see(CAMERA.tracks(np.array([[5.0, 5.0]])), 0.0)
    assert (zone.trust, zone.metres_trust) == (Trust.OK, Trust.ESTIMATED)


def test_beside_the_monitored_area_people_count_and_metres_are_not_known() -> None:
    beside = _on_ground(rectangle(6, 4, 12, 8))
    watch = _Watch(_places(beside), monitored=rectangle(0, 0, 5, 8))
    (zone,) = watch.see(CAMERA.tracks(np.array([[8.0, 6.0], [9.0, 6.0], [2.0, 2.0]])), 0.0)
    assert zone.count == 2
    assert zone.area_m2 is zone.density_per_m2 is zone.peak_density_per_m2 is None


def _cut_off_by_the_lower_edge(share: float = 0.5) -> Tracks:
    """Ten people close by, of whom only the upper ``share`` is in the picture."""
    height = PICTURE_WH[1]
    standing = CAMERA.tracks(np.stack([np.linspace(1, 11, 10), np.full(10, 0.5)], axis=1))
    boxes = standing.boxes_xyxy.copy()
    boxes[:, 1] = height - share * (boxes[:, 3] - boxes[:, 1])
    boxes[:, 3] = height
    return replace(standing, boxes_xyxy=boxes)


@pytest.mark.parametrize("monitored", [None, GROUND])
def test_who_is_cut_off_by_the_lower_edge_stands_on_it(monitored: FloatArray | None) -> None:
    front = ((0.0, 0.8), (1.0, 0.8), (1.0, 1.0), (0.0, 1.0))
    watch = _Watch(_places(WHOLE, front, *PARTS), monitored=monitored)
    for t in range(3):
        whole, before, *parts = watch.see(_cut_off_by_the_lower_edge(), float(t))
        assert (whole.count, before.count, before.visitors) == (10, 10, 10)
        assert sum(part.count for part in parts) == 10
    assert whole.density_per_m2 in (None, 0), "nobody of them is on the monitored ground"


def test_without_the_calibration_the_metres_are_gone_at_once_and_back_at_once() -> None:
    watch = _Watch(_places(_on_ground(GROUND)), monitored=GROUND)
    people = CAMERA.tracks(np.random.default_rng(0).uniform([1, 1], [11, 7], (30, 2)))
    (before,) = watch.see(people, 0.0)
    (moved,) = watch.see(people, 0.1, fault="The camera has moved.")
    assert before.peak_density_per_m2 is not None
    assert (moved.area_m2, moved.density_per_m2, moved.peak_density_per_m2) == (None, None, None)
    (back,) = watch.see(people, 0.2)
    assert back.area_m2 == before.area_m2


def test_a_density_is_of_the_monitored_part() -> None:
    """Two of three people stand in the monitored half of the zone."""
    zone = _on_ground(rectangle(2, 2, 8, 6))
    watch = _Watch(_places(zone), monitored=rectangle(0, 0, 5, 8))
    (found,) = watch.see(CAMERA.tracks(np.array([[3.0, 3.0], [4.0, 5.0], [7.0, 3.0]])), 0.0)
    assert found.count == 3
    assert found.area_m2 == pytest.approx(12, rel=1e-4)
    assert found.density_per_m2 == pytest.approx(2 / 12, rel=1e-4)


def test_a_tight_group_has_its_peak_density_in_its_zone_alone() -> None:
    group = np.array([[3.0, 3.0], [3.3, 3.0], [3.0, 3.3], [3.3, 3.3]])
    zones = _on_ground(rectangle(2, 2, 4, 4)), _on_ground(rectangle(8, 2, 10, 4))
    tiny = _on_ground(rectangle(3.05, 3.05, 3.25, 3.25))
    watch = _Watch(_places(*zones, tiny), monitored=GROUND)
    here, there, small = watch.see(CAMERA.tracks(group), 0.0)
    assert here.peak_density_per_m2 == pytest.approx(watch.metrics.peak_density_per_m2)
    assert there.peak_density_per_m2 == pytest.approx(0, abs=1e-6)
    assert small.count == 0
    assert small.peak_density_per_m2 == pytest.approx(here.peak_density_per_m2, rel=0.2)


def test_saturated_there_is_no_upper_end() -> None:
    watch = _Watch(_places(WHOLE), saturation=FULL)
    (zone,) = watch.see(boxes_at(DENSE[:12]), 0.0)
    assert (zone.trust, zone.trust_reason) == (Trust.SATURATED, FULL.reason)
    assert (zone.count, zone.count_high) == (12, None)


def test_from_straight_above_nobody_knows_where_heads_of_the_map_stand() -> None:
    overhead = replace(
        CAMERA.calibration(GROUND),
        homography=(0.02, 0.0, 0.0, 0.0, -0.02, 0.0, 0.0, 0.0, 1.0),
        monitored_px=None,
    )
    watch = _Watch(_places(WHOLE, PARTS[3]), calibration=overhead, saturation=FULL)
    for t in range(6):
        whole, _ = watch.see(boxes_at(DENSE[:12]), float(t), heads=DENSE)
    assert whole.count == pytest.approx(watch.metrics.count, rel=0.01)
    assert whole.count_high is watch.metrics.count_high is None
    assert (whole.trust, watch.metrics.trust) == (Trust.ESTIMATED, Trust.ESTIMATED)
    assert "how high the camera hangs" in whole.trust_reason


def test_the_most_ever_and_who_has_been_there() -> None:
    watch = _Watch(_places(WHOLE))
    for t, people in enumerate((3, 9, 9, 4)):
        (zone,) = watch.see(boxes_at(DENSE[:people]), float(t))
    assert (zone.count, zone.peak_count, zone.visitors) == (4, 9, 9)
    assert zone.dwell_longest_s == 3


def test_queues_hold_those_who_stand_or_move_up() -> None:
    """Four stand, two walk past at 1.2 m/s; of a seventh, seen just now, nobody knows."""
    line = np.stack([np.arange(3.0, 7.0), np.full(4, 4.0)], axis=1)

    def where(t: float) -> FloatArray:
        return np.concatenate([line, [[1 + 1.2 * t, 3.0], [2 + 1.2 * t, 5.0]]])

    for monitored in (GROUND, None):
        watch = _Watch(_places(WHOLE, profile=ZoneProfile.QUEUE), monitored=monitored)
        (zone,) = watch.walk(where, seconds=2)
        assert zone.queue_length == pytest.approx(4)
        (zone,) = watch.see(CAMERA.tracks(np.concatenate([where(3.0), [[9.0, 6.0]]])), 3.0)
        assert zone.queue_length == pytest.approx(7 * 4 / 6)


def test_only_queues_have_a_length_and_one_of_nobody_is_empty() -> None:
    standing, queue = _Watch(_places(WHOLE)), _Watch(_places(WHOLE, profile=ZoneProfile.QUEUE))
    assert standing.see(Tracks.empty(), 0.0)[0].queue_length is None
    assert queue.see(Tracks.empty(), 0.0)[0].queue_length == 0
    assert queue.see(boxes_at(DENSE[:3]), 1.0)[0].queue_length is None, "no speed is known yet"


def test_zones_are_read_once_a_second_and_at_once_when_drawn() -> None:
    watch = _Watch(_places(WHOLE))
    counts = [watch.see(boxes_at(DENSE[: k + 1]), 0.25 * k)[0].count for k in range(9)]
    assert counts == [1, 1, 1, 1, 5, 5, 5, 5, 9]
    watch.analyzer.set_places(_places(PARTS[0], WHOLE))
    assert watch.see(boxes_at(DENSE[:20]), 2.1)[1].count == 20


def test_a_zone_that_stays_keeps_its_numbers_and_a_moved_one_begins_afresh() -> None:
    watch = _Watch(_places(WHOLE, PARTS[0]))
    watch.see(boxes_at(DENSE[:9]), 0.0)
    watch.see(boxes_at(DENSE[:2]), 1.0)
    moved = CameraPlaces(
        2,
        (
            Zone(1, "Moved", PARTS[1]),
            Zone(0, "Renamed", WHOLE, profile=ZoneProfile.QUEUE, count_limit=3),
        ),
    )
    watch.analyzer.set_places(moved)
    fresh, kept = watch.see(boxes_at(DENSE[:2]), 1.1)
    assert watch.analyzer.place_readings.version == 2
    assert (kept.zone_id, kept.peak_count, kept.visitors) == (0, 9, 9)
    assert (fresh.zone_id, fresh.peak_count) == (1, fresh.count)
    watch.analyzer.set_places(CameraPlaces(3))
    assert watch.see(boxes_at(DENSE[:2]), 1.2) == ()


def test_a_reconnect_keeps_totals_and_forgets_identities() -> None:
    watch = _Watch(_places(WHOLE))
    for t in range(4):
        watch.see(boxes_at(DENSE[:9]), float(t))
    (after,) = watch.see(boxes_at(DENSE[:5]), 0.0, segment=1)
    assert (after.peak_count, after.visitors, after.dwell_longest_s) == (9, 14, 3)
    (again,) = watch.see(boxes_at(DENSE[:6]), 0.0, segment=2, outage_s=7.0)
    assert again.visitors == 15, "five of the six were there before the short break"


def test_boxes_without_an_identity_count_and_are_nobodys_visit() -> None:
    watch = _Watch(_places(WHOLE), monitored=GROUND)
    for k in range(20):
        tracks = CAMERA.tracks(np.array([[2.0, 2.0], [8.0, 6.0]]), np.array([-1, -1]))
        (zone,) = watch.see(tracks, 0.1 * k)
    assert (zone.count, zone.visitors, zone.dwell_longest_s) == (2, 0, None)
    assert zone.mean_speed_mps is None


def test_refuses_a_zone_twice_and_goes_on_with_those_so_far() -> None:
    meter = ZoneMeter()
    with pytest.raises(ValueError, match="each zone once"):
        meter.set_zones((Zone(1, "A", WHOLE), Zone(1, "B", PARTS[0])))
    assert meter.readings == ()


def test_people_who_are_others_in_every_frame_are_all_visitors() -> None:
    """Fifty in every frame: slots are given away and taken again."""
    watch = _Watch(_places(WHOLE, *PARTS))
    random = np.random.default_rng(3)
    for k in range(120):
        heads = random.uniform([20, 20], [1260, 680], (50, 2))
        ids = np.arange(50 * k, 50 * k + 50)
        (whole, *_) = watch.see(boxes_at(heads, ids=ids), 2.5 * k)
    assert whole.visitors == 120 * 50
    assert whole.dwell_longest_s == 0
