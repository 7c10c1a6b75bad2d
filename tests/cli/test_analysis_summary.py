from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from backend.cli.analysis_summary import AnalysisSummary
from backend.core.measurements import CountMethod, CrowdPicture, TrackView
from backend.core.risk import Cause, RiskLevel
from backend.core.snapshot import Snapshot, StageTimings
from backend.core.trust import Trust
from tests import builders


def snap(time_s: float, *, count: float = 0.0, **changes: object) -> Snapshot:
    trust = changes.pop("trust", Trust.OK)
    crowd = builders.metrics(
        count=count, trust=trust, trust_reason="" if trust is Trust.OK else "why"
    )
    made = builders.snapshot(stream_time_s=time_s, crowd=crowd, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(made, published_mono_s=2 * time_s)


def test_nothing_analysed_is_zero_frames_and_nothing_else() -> None:
    assert AnalysisSummary().as_json() == {"frames": 0}


def test_seconds_per_level_are_stream_time_and_add_up() -> None:
    summary = AnalysisSummary()
    cause = Cause("density", RiskLevel.WARNING, 4.5, 4.0, "1/m²", "4.5 people/m² (limit 4.0)")
    warning = builders.assessment(level=RiskLevel.WARNING, score=60.0, causes=(cause,))
    for n in range(10):
        summary.add(snap(n * 0.5, count=n, risk=warning if 4 <= n < 6 else None))
    found = summary.as_json()
    assert found["frames"] == 10
    assert found["risk"]["seconds_per_level"] == {
        "SAFE": 4.0,
        "CAUTION": 0.0,
        "WARNING": 1.0,
        "CRITICAL": 0.0,
    }
    assert found["risk"]["peak_level"] == "WARNING"
    assert found["risk"]["causes"] == {"density": "4.5 people/m² (limit 4.0)"}
    assert found["stream_s"] == 5.0
    assert found["peaks"]["count"] == {"value": 9.0, "at_s": 4.5}
    assert found["peaks"]["risk_score"] == {"value": 60.0, "at_s": 2.0}
    assert found["analysed_fps"] == pytest.approx(1.0)
    json.dumps(found)


def test_what_counted_for_how_long_and_the_part_of_the_map() -> None:
    summary = AnalysisSummary()
    for n in range(10):
        made = snap(n * 0.5, count=100.0 if n >= 6 else 20.0)
        if n >= 6:
            crowd = dataclasses.replace(made.metrics, count_method=CountMethod.BLEND, map_share=0.8)
            made = dataclasses.replace(made, metrics=crowd)
        summary.add(made)
    found = summary.as_json()["count"]
    assert found["seconds_per_method"] == {"boxes": 3.0, "map": 0.0, "blend": 2.0}
    # of 20 people for 3 s and 100 for 1.5 s, the last frame is not weighed
    assert found["map_share"] == pytest.approx(0.8 * 150 / 210, abs=1e-3)
    json.dumps(found)


def test_the_mean_count_weighs_with_time_not_with_frames() -> None:
    summary = AnalysisSummary()
    summary.add(snap(0.0, count=10))
    for n in range(10):  # ten quick frames of nobody
        summary.add(snap(1.0 + n * 0.1, count=0))
    assert summary.as_json()["count"]["mean"] == pytest.approx(10 / 1.9, abs=0.01)


def test_a_new_segment_is_no_gap_of_time() -> None:
    summary = AnalysisSummary()
    for segment, time_s in ((0, 0.0), (0, 0.1), (1, 0.0), (1, 0.1)):
        summary.add(snap(time_s, segment=segment))
    assert summary.as_json()["stream_s"] == pytest.approx(0.4)


def test_trust_and_its_reasons_are_kept() -> None:
    summary = AnalysisSummary()
    summary.add(snap(0.0))
    summary.add(snap(1.0, trust=Trust.SATURATED))
    found = summary.as_json()["trust"]
    assert found["worst"] == "saturated"
    assert found["reasons"] == ["why"]


def test_timings_have_mean_and_95th_percentile() -> None:
    summary = AnalysisSummary()
    for n in range(100):
        made = snap(n * 0.04)
        summary.add(dataclasses.replace(made, timings=StageTimings(detect_ms=float(n))))
    assert summary.as_json()["timings_ms"]["detect"] == {"mean": 49.5, "p95": 95.0}


def test_walking_speed_is_a_median_over_people_and_frames_without_those_who_stand() -> None:
    summary = AnalysisSummary()
    assert AnalysisSummary().as_json() == {"frames": 0}
    speeds = [None, 0.05, *[1.0 + 0.01 * n for n in range(41)], 1.2, 40.0]
    for n, speed in enumerate(speeds):
        view = TrackView(n, (0, 0, 1, 1), 0.9, (0, 0), None, speed, np.zeros((0, 2), np.float32))
        made = snap(n * 0.1, count=1.0)
        summary.add(dataclasses.replace(made, picture=CrowdPicture(tracks=(view,))))
    found = summary.as_json()["walking_speed_mps"]
    assert found["median"] == pytest.approx(1.2, abs=0.011)
    assert found["p10"] == pytest.approx(1.04, abs=0.011)
    assert found["p90"] == pytest.approx(1.36, abs=0.011)


def test_without_speeds_there_is_no_walking_speed() -> None:
    summary = AnalysisSummary()
    summary.add(snap(0.0, count=1.0))
    assert summary.as_json()["walking_speed_mps"] == {"median": None, "p10": None, "p90": None}
