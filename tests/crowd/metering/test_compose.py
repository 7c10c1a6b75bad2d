"""A camera that looks straight down on a crowd: nothing tells how high it hangs."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.calibration import Exit
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import CountError, CrowdMap, FrameFacts
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.counting import PERFECT_RECALL, PeopleWeights
from backend.crowd.metering.density_meter import DensityMeter, GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.params import AnalysisParams
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import HEAD_M, dense_lattice, hybrid_of, map_of

HEIGHT_M, FOCAL_PX = 4.0, 1080.0
PICTURE_WH = (1920, 1080)
CAMERA = GroundCamera(
    PICTURE_WH,
    np.array(
        [
            [FOCAL_PX, 0, -PICTURE_WH[0] / 2, PICTURE_WH[0] / 2 * HEIGHT_M],
            [0, -FOCAL_PX, -PICTURE_WH[1] / 2, PICTURE_WH[1] / 2 * HEIGHT_M],
            [0, 0, -1, HEIGHT_M],
        ]
    ),
)
PLACE = rectangle(-3.0, -1.7, 3.0, 1.7)
ALL_SEEN = rectangle(-3.55, -2.0, 3.55, 2.0)
ASLANT = GroundCamera.over(PLACE, tilt_deg=40.0)
CLEAR = SaturationEvidence(False, "", 0.0, 0.0)
NOBODY = Tracks(np.zeros(0, np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
MAGNIFIED = (HEIGHT_M / (HEIGHT_M - HEAD_M)) ** 2


def _people(camera: GroundCamera, density: float) -> np.ndarray:
    homes, each = dense_lattice(density, np.array([-6.0, -6.0]), np.array([6.0, 6.0]))
    return map_of(camera, homes, each)


def _watch(
    camera: GroundCamera,
    density: float,
    *,
    place: FloatArray = PLACE,
    seconds: int = 8,
    grows_per_s: float = 0.0,
    people_limit: int | None = None,
) -> CrowdMetrics:
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=people_limit,
        exits=(Exit(2.0),),
        recall=PERFECT_RECALL,
        calibration=camera.calibration(place),
    )
    for t in range(seconds):
        people = _people(camera, density + grows_per_s * t).astype(np.float32)
        people.flags.writeable = False
        counted = CrowdMap(
            stream_time_s=float(t),
            segment=0,
            people=people,
            cell_wh_px=(20.0, 20.0),
            picture_wh=PICTURE_WH,
            heads_px=np.zeros((0, 2), np.float32),
            error=CountError(0.5, 0.05, 0.5),
            crowded_per_cell=50.0,
        )
        facts = FrameFacts(float(t), 0, PICTURE_WH, CLEAR, crowd_map=counted)
        metrics, _ = analyzer.update(NOBODY, facts)
    return metrics


def test_a_density_read_too_low_is_said_to_be() -> None:
    metrics = _watch(CAMERA, 8.0)
    peak, quality = metrics.peak_density_per_m2, metrics.quality
    assert peak is not None
    assert peak < 8.0 / 2  # what nothing in the calibration can put right
    assert metrics.map_share > 0
    assert metrics.trust is not Trust.OK
    assert "straight down" in metrics.trust_reason
    for name in ("density_per_m2", "peak_density_per_m2", "voronoi_density_per_m2"):
        assert quality[name].trust is not Trust.OK
        assert "straight down" in quality[name].reason
        assert quality[name].high is None


def test_a_count_of_people_who_cannot_be_placed_promises_no_upper_end() -> None:
    """227 stand in what is seen of the ground; the heads of two in three are beyond its edge."""
    metrics = _watch(CAMERA, 8.0, place=ALL_SEEN)
    quality = metrics.quality
    assert metrics.count == pytest.approx(227 / MAGNIFIED, rel=0.05)
    assert metrics.count_high is None
    assert (quality["count"].trust, quality["count"].high) == (Trust.ESTIMATED, None)
    egress = quality["egress_time_s"]
    assert metrics.egress_time_s == pytest.approx(metrics.count / 2.74)
    assert egress.low is not None
    assert (egress.trust, egress.high) == (Trust.ESTIMATED, None)


def test_how_soon_a_place_may_be_full_is_not_promised_either() -> None:
    metrics = _watch(CAMERA, 6.0, place=ALL_SEEN, seconds=40, grows_per_s=0.05, people_limit=400)
    span = metrics.quality["time_to_capacity_s"]
    assert metrics.time_to_capacity_s is not None
    assert metrics.count_high is None
    assert (span.trust, span.low) == (Trust.ESTIMATED, 0.0)


def test_with_the_map_out_of_use_the_count_from_straight_above_has_an_upper_end() -> None:
    metrics = _watch(CAMERA, 0.0)
    assert metrics.count_high is not None
    assert metrics.quality["egress_time_s"].high is not None


def test_a_camera_that_looks_aslant_is_not_doubted() -> None:
    metrics = _watch(ASLANT, 5.0)
    assert metrics.peak_density_per_m2 == pytest.approx(5.0, rel=0.05)
    assert "straight down" not in metrics.trust_reason
    for name in ("peak_density_per_m2", "count", "egress_time_s"):
        assert metrics.quality[name].high is not None
    assert metrics.count_high is not None


@pytest.mark.parametrize(("density", "expected"), [(5.0, HeadBasis.PLANE), (0.0, None)])
def test_the_basis_is_told_where_the_map_stands_for_somebody(
    density: float, expected: HeadBasis | None
) -> None:
    view = GroundView.of(CAMERA.calibration(PLACE), PICTURE_WH)
    weights = PeopleWeights(np.zeros(0), np.zeros(0), 0.0)
    boxes = GroundCrowd(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0, np.bool_), weights)
    mapped = MapCrowd.of(hybrid_of(CAMERA, _people(CAMERA, density)), view)
    found = DensityMeter(view).measure(boxes, elapsed_s=0.0, mapped=mapped)
    assert found.heads is expected
    assert found.peak.value_per_m2 == pytest.approx(density / MAGNIFIED, rel=0.05)
