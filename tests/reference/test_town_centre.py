"""A calibrated street as the detector sees it: walking speed, and the same with frames lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.core.frame import Detections, FloatArray
from backend.core.measurements import SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.params import AnalysisParams
from backend.vision.adapters.botsort import make_botsort
from benchmarks.clip_run import detect_clip, true_calibration
from tests.builders import frame
from tests.reference.known_cameras import TOWN_WH

RATE_HZ = 30.0
FRAME = frame(width=TOWN_WH[0], height=TOWN_WH[1])
CLEAR = SaturationEvidence(False, "", 0.0, 0.0)

pytestmark = [pytest.mark.assets, pytest.mark.weights]


@pytest.fixture(scope="module")
def street(assets: Path) -> list[tuple[float, Detections]]:
    """Stream time and detections of every frame of the first five seconds."""
    return detect_clip(assets, assets / "videos" / "town-centre.mp4", most=150)


def _speeds(
    assets: Path, street: list[tuple[float, Detections]], *, every: int
) -> tuple[FloatArray, set[Trust]]:
    calibration = true_calibration(
        assets / "data" / "mot" / "TownCentre" / "towncentre_homography.json"
    )
    tracker = make_botsort(RATE_HZ / every)
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=100, calibration=calibration
    )
    speeds: list[float] = []
    trust = set()
    for time_s, detections in street[::every]:
        metrics, picture = analyzer.update(
            tracker.update(detections, FRAME),
            FrameFacts(stream_time_s=time_s, segment=0, picture_wh=TOWN_WH, saturation=CLEAR),
        )
        if time_s < 1.0:
            continue
        speeds += [track.speed_mps for track in picture.tracks if track.speed_mps is not None]
        assert metrics.mean_speed_mps is not None
        trust.add(metrics.quality["mean_speed_mps"].trust)
    return np.array(speeds), trust


def test_people_walk_at_walking_speed_and_lost_frames_change_it_by_less_than_3_percent(
    assets: Path, street: list[tuple[float, Detections]]
) -> None:
    whole, trust = _speeds(assets, street, every=1)
    half, _ = _speeds(assets, street, every=2)
    assert len(whole) > 900
    assert 1.1 <= np.median(whole) <= 1.8
    assert np.median(half) == pytest.approx(np.median(whole), rel=0.03)
    assert trust == {Trust.OK}
