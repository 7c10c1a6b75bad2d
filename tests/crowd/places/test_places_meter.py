"""Zones and lines of one camera together, through the analyser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.core.measurements import SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.places import CameraPlaces, CountingLine, PlaceReadings, Zone
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from tests.crowd.hybrid.scene import PICTURE_WH, block, boxes_at, crowd_map, people_per_cell
from tests.ground_camera import GroundCamera, rectangle

GROUND = rectangle(0, 0, 12, 8)
CAMERA = GroundCamera.over(rectangle(-1, -1, 13, 9), picture_wh=PICTURE_WH)
FULL = SaturationEvidence(True, "Many further signs of people.", 0.9, 0.0, missed_high=60.0)


def _seen(x: float, y: float) -> Point:
    across, down = (CAMERA.feet_px(np.array([[x, y]]))[0] / PICTURE_WH).tolist()
    return across, down


GATE = CountingLine(4, "Gate", _seen(6, 2), _seen(6, 6))
EAST = Zone(9, "East", (_seen(6, 2), _seen(10, 2), _seen(10, 6), _seen(6, 6)))
PLACES = CameraPlaces(3, (EAST,), (GATE,))


def _analyzer(*, calibrated: bool = True) -> CrowdAnalyzer:
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=500,
        calibration=CAMERA.calibration(GROUND) if calibrated else None,
        recall=PERFECT_RECALL,
    )
    analyzer.set_places(PLACES)
    return analyzer


def _walk_east(
    analyzer: CrowdAnalyzer, *, seconds: float = 12.0, ids: FloatArray | None = None
) -> PlaceReadings:
    """Three people pass the gate into the zone at 0.4 m/s, one behind the other."""
    for k in range(round(seconds * 10) + 1):
        at = np.array([[4.0, 4.0], [3.5, 4.0], [3.0, 4.0]]) + np.array([0.04 * k, 0.0])
        tracks = CAMERA.tracks(at, None if ids is None else ids)
        analyzer.update(tracks, FrameFacts(k / 10, 0, PICTURE_WH))
    return analyzer.place_readings


def test_who_passes_the_gate_is_in_the_zone_behind_it() -> None:
    readings = _walk_east(_analyzer())
    (gate,), (east,) = readings.lines, readings.zones
    assert readings.version == 3
    assert (gate.line_id, gate.count_in, gate.count_out) == (4, 3, 0)
    assert (east.zone_id, east.count, east.visitors) == (9, 3, 3)
    assert east.mean_speed_mps == pytest.approx(0.4, rel=0.05)


def test_specific_flow_is_per_metre_of_the_line_on_the_ground() -> None:
    calibrated, plain = _walk_east(_analyzer()), _walk_east(_analyzer(calibrated=False))
    (gate,) = calibrated.lines
    assert gate.in_per_s == pytest.approx(3 / 12)
    assert gate.in_specific_per_m_s == pytest.approx(3 / 12 / 4, rel=1e-3)
    assert plain.lines[0].in_per_s == pytest.approx(3 / 12)
    assert plain.lines[0].in_specific_per_m_s is None


def test_boxes_without_an_identity_pass_no_line() -> None:
    readings = _walk_east(_analyzer(), ids=np.array([-1, -1, 2]))
    assert readings.lines[0].count_in == 1
    assert readings.zones[0].count == 3
    repeated = _walk_east(_analyzer(), ids=np.array([5, 5, 5]))
    assert repeated.lines[0].count_in == 1


def test_places_in_force_from_the_next_frame_on() -> None:
    analyzer = _analyzer()
    _walk_east(analyzer, seconds=8)
    north = Zone(10, "North", (_seen(6, 4.5), _seen(10, 4.5), _seen(10, 6), _seen(6, 6)))
    analyzer.set_places(CameraPlaces(4, (north, EAST), (GATE,)))
    tracks = CAMERA.tracks(np.array([[7.24, 5.0], [6.74, 4.0], [6.24, 4.0]]))
    analyzer.update(tracks, FrameFacts(8.1, 0, PICTURE_WH))
    readings = analyzer.place_readings
    assert readings.version == 4
    assert [zone.count for zone in readings.zones] == [1, 3]
    assert readings.zones[1].visitors == 3
    assert readings.lines[0].count_in == 3


def test_lines_are_worth_what_the_boxes_are_worth() -> None:
    """The map counts the zone; whom no box shows passes no line."""
    analyzer = _analyzer(calibrated=False)
    heads = block(100, spacing_px=15.0)
    for t in range(6):
        found = crowd_map(people_per_cell(heads), t)
        facts = FrameFacts(float(t), 0, PICTURE_WH, FULL, crowd_map=found)
        metrics, _ = analyzer.update(boxes_at(heads[:12]), facts)
    assert metrics.quality["count"].trust is Trust.ESTIMATED
    line = analyzer.place_readings.lines[0]
    assert (line.trust, line.trust_reason) == (Trust.SATURATED, FULL.reason)


def test_without_places_nothing_is_read() -> None:
    analyzer = CrowdAnalyzer(AnalysisParams(), area_m2=None, people_limit=None)
    analyzer.update(boxes_at(block(4, spacing_px=50.0)), FrameFacts(0.0, 0, PICTURE_WH))
    assert analyzer.place_readings == PlaceReadings()


def test_a_first_line_does_not_know_where_people_stood_before_it_was_drawn() -> None:
    """Somebody west of where the gate was stands east of it when it is drawn again."""
    for away_s in (1.0, 100.0):
        analyzer = _analyzer()
        west, east = CAMERA.tracks(np.array([[5.6, 4.0]])), CAMERA.tracks(np.array([[6.4, 4.0]]))
        analyzer.update(west, FrameFacts(0.0, 0, PICTURE_WH))
        analyzer.set_places(CameraPlaces(4, (EAST,), ()))
        analyzer.update(east, FrameFacts(away_s, 0, PICTURE_WH))
        analyzer.set_places(CameraPlaces(5, (EAST,), (replace(GATE, line_id=5),)))
        for k in range(3):
            analyzer.update(east, FrameFacts(away_s + 0.1 + k / 10, 0, PICTURE_WH))
        (gate,) = analyzer.place_readings.lines
        assert (gate.count_in, gate.count_out, gate.in_per_s) == (0, 0, None)


def test_places_that_make_no_sense_change_nothing() -> None:
    analyzer = _analyzer()
    _walk_east(analyzer)
    north = replace(EAST, zone_id=10)
    for wrong in (CameraPlaces(4, (north,), (GATE, GATE)), CameraPlaces(4, (north, north), ())):
        with pytest.raises(ValueError, match="once"):
            analyzer.set_places(wrong)
    tracks = CAMERA.tracks(np.array([[8.8, 4.0], [8.3, 4.0], [7.8, 4.0]]))
    analyzer.update(tracks, FrameFacts(13.1, 0, PICTURE_WH))
    readings = analyzer.place_readings
    assert readings.version == 3
    assert [(zone.zone_id, zone.visitors) for zone in readings.zones] == [(9, 3)]
    assert [(line.line_id, line.count_in) for line in readings.lines] == [(4, 3)]


@pytest.mark.parametrize("calibrated", [True, False])
def test_who_is_cut_off_by_the_picture_passes_a_line_that_ends_on_its_edge(
    calibrated: bool,
) -> None:
    """Half of the body is in the picture; calibrated, the feet are inferred to be below it."""
    upright = CountingLine(5, "Upright", (0.5, 1.0), (0.5, 0.4))
    turned = CountingLine(6, "Turned", upright.end, upright.start)
    short = CountingLine(7, "Short", (0.5, 0.9), (0.5, 0.4))
    analyzer = _analyzer(calibrated=calibrated)
    analyzer.set_places(CameraPlaces(4, (), (upright, turned, short)))
    height = PICTURE_WH[1]
    for k in range(40):
        standing = CAMERA.tracks(np.array([[4.0 + 0.1 * k, 0.5]]))
        boxes = standing.boxes_xyxy.copy()
        boxes[:, 1] = height - 0.5 * (boxes[:, 3] - boxes[:, 1])
        boxes[:, 3] = height
        analyzer.update(replace(standing, boxes_xyxy=boxes), FrameFacts(k / 10, 0, PICTURE_WH))
    counts = [(line.count_in, line.count_out) for line in analyzer.place_readings.lines]
    assert counts == [(1, 0), (0, 1), (0, 0)]
