"""A camera whose calibration nobody has confirmed since its source was changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.observation import FrameFacts
from backend.core.trust import Trust
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import Analyzer
from backend.services.parts import build_pipeline_parts
from tests import builders
from tests.builders import EPOCH, ManualClock
from tests.web import settings

SURE = Calibration(
    version=3,
    method=CalibrationMethod.POINTS,
    picture_wh=(500, 250),
    homography=(0.02, 0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0, 1.0),
    monitored_px=None,
    walkable_px=None,
    rms_error_m=0.01,
    length_spread=0.01,
    area_spread=0.02,
    calibrated_at=EPOCH,
)
FAULT = "The source was changed."
FACTS = FrameFacts(0.0, 0, (500, 250))


def analyzer_of(home: Path, fault: str) -> Analyzer:
    """Return the analyser a camera with this calibration is given."""
    parts = build_pipeline_parts(settings(home), clock=ManualClock(), open_detector=pytest.fail)
    config = replace(builders.camera_config(), calibration=replace(SURE, fault=fault))
    return parts.make_analyzer(config, AnalysisParams(), builders.model_info())


def test_what_rests_on_a_doubted_calibration_is_unknown_and_people_are_still_counted(
    tmp_path: Path,
) -> None:
    person = builders.tracks((200.0, 50.0, 230.0, 140.0))
    sure, doubted = (analyzer_of(tmp_path, fault).update(person, FACTS)[0] for fault in ("", FAULT))
    assert sure.trust is not Trust.UNKNOWN
    assert sure.density_per_m2 is not None
    assert doubted.trust is Trust.UNKNOWN
    assert FAULT in doubted.trust_reason
    assert doubted.density_per_m2 is None
    assert doubted.count > 0.9


def test_parameters_reach_the_analyser(tmp_path: Path) -> None:
    pair = builders.tracks((200.0, 50.0, 230.0, 140.0), (210.0, 50.0, 240.0, 140.0))
    analyzer = analyzer_of(tmp_path, FAULT)
    assert analyzer.update(pair, FACTS)[0].proximity_pairs == 1
    analyzer.set_params(AnalysisParams(proximity_threshold_px=1.0))
    assert analyzer.update(pair, replace(FACTS, stream_time_s=1.0))[0].proximity_pairs == 0
