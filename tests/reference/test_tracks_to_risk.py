"""Scenes whose outcome is decided without calibration, from tracks all the way to incidents.

People are drawn as boxes on a picture that looks straight at them, 60 px to the metre, and are
found by a detector as good as it is measured to be; the area is entered by hand, as a user of an
uncalibrated camera would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from backend.core.frame import Tracks
from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.params import AnalysisParams
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import AlertRules, ChangeKind, IncidentChange, IncidentFamily
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from tests.reference.scene_book import Scene, read_scenes
from tests.reference.scene_crowd import SceneCrowd

PX_PER_M = 60.0
HEIGHT_PX = 1.7 * PX_PER_M
RATE_HZ = 5.0

ROWS = """\
id,area_m2,people,arrangement,motion,speed_mps,duration_s,expected_level,expect_incident,expected_cause
empty,100,0,none,none,0,600,SAFE,no,
one-still,100,1,random,still,0,120,SAFE,no,
three-still,100,3,cluster 2 m2,still,0,120,SAFE,no,
two-to-three,100,2->3,random,walk,1.2,120,SAFE,no,
sparse-walk,100,30,random,uniform,1.3,120,SAFE,no,
runners-sparse,100,8,random,uniform,2.8,60,SAFE,no,
surge-20-30,100,20->30,random,walk,1.2,180,SAFE,"yes, SPIKE information only",surge
saturated-dense,100,10 of 200,cluster,still,0.1,60,at least CAUTION,yes,saturated
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What a scene led to."""

    levels: list[RiskLevel]
    metrics: list[CrowdMetrics]
    changes: list[IncidentChange]


def _tracks(crowd: SceneCrowd, t: float) -> Tracks:
    at, ids = crowd.at(t)
    feet = at * PX_PER_M + [40, 110]
    corner = feet - [HEIGHT_PX / 6, HEIGHT_PX]
    opposite = feet + np.array([HEIGHT_PX / 6, 0])
    boxes = np.concatenate([corner, opposite], axis=1)
    return Tracks(ids, boxes.astype(np.float32), np.full(len(ids), 0.8, np.float32))


def _play(scene: Scene, *, rate: float = RATE_HZ) -> Result:
    analyzer = CrowdAnalyzer(AnalysisParams(), area_m2=scene.area_m2, people_limit=None)
    risk = RiskCalculator(RiskParams(), people_limit=None)
    rules = AlertRules(AlertParams())
    crowd, result = SceneCrowd(scene), Result([], [], [])
    is_saturated = scene.id == "saturated-dense"
    for k in range(round(scene.duration_s * rate)):
        t = k / rate
        evidence = SaturationEvidence(is_saturated, "Beyond the counter." * is_saturated, 0.5, t)
        metrics, _ = analyzer.update(
            _tracks(crowd, t),
            FrameFacts(
                stream_time_s=t,
                segment=0,
                picture_wh=(1280, 720),
                saturation=evidence if k % 25 == 0 else None,
            ),
        )
        found = risk.update(metrics, stream_time_s=t, segment=0)
        result.changes.extend(rules.observe(found, trust=metrics.trust, at_s=t))
        result.levels.append(found.level)
        result.metrics.append(metrics)
    return result


@pytest.mark.parametrize("scene", read_scenes(ROWS.splitlines()), ids=lambda scene: scene.id)
def test_scene_from_tracks(scene: Scene) -> None:
    result = _play(scene)
    opened = [change for change in result.changes if change.kind is ChangeKind.OPEN]
    if scene.id == "saturated-dense":
        assert set(result.levels) == {RiskLevel.CAUTION}
        assert {metrics.trust for metrics in result.metrics} == {Trust.SATURATED}
        assert [change.incident.cause.name for change in opened] == ["saturated"]
        return
    assert set(result.levels) == {RiskLevel.SAFE}
    if scene.expect_incident == "no":
        assert opened == []
    else:
        assert [change.incident.family for change in opened] == [IncidentFamily.SURGE]
        assert opened[0].incident.level is RiskLevel.SAFE


def test_frame_rate_changes_neither_count_nor_level() -> None:
    scene = next(scene for scene in read_scenes(ROWS.splitlines()) if scene.id == "sparse-walk")
    slow, fast = _play(scene, rate=4), _play(scene, rate=12)
    assert slow.levels[-1] is fast.levels[-1]
    # Sampled at the same instants the two runs measure the same.
    for one, two in zip(slow.metrics[20:], fast.metrics[60::3], strict=True):
        assert one.count == two.count
        assert one.mean_speed_px_per_s == pytest.approx(two.mean_speed_px_per_s, rel=0.02)


def test_a_packed_passage_is_critical_by_its_area() -> None:
    row = "critical-passage,12,84,lattice,still,0.05,20,CRITICAL,yes,density"
    (scene,) = read_scenes([ROWS.splitlines()[0], row])
    result = _play(scene)
    assert result.levels[-1] is RiskLevel.CRITICAL
    assert result.metrics[-1].trust is Trust.ESTIMATED
