"""One more person, from boxes to the level: never less dense, never safer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.risk import RiskAssessment
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.params import AnalysisParams
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from tests.ground_camera import GroundCamera, rectangle

SIDE_M = 6.0
PLACE, AROUND = rectangle(0, 0, SIDE_M, SIDE_M), rectangle(-1, -1, SIDE_M + 1, SIDE_M + 1)
CAMERA = GroundCamera.over(AROUND)
CALIBRATION = CAMERA.calibration(PLACE, walkable=AROUND)
SECONDS, RATE_HZ = 12.0, 2.0


def _measure(start: FloatArray, velocity: FloatArray) -> list[CrowdMetrics]:
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=None,
        calibration=CALIBRATION,
        recall=PERFECT_RECALL,
    )
    found = []
    for k in range(round(SECONDS * RATE_HZ)):
        t = k / RATE_HZ
        facts = FrameFacts(
            stream_time_s=t,
            segment=0,
            picture_wh=CAMERA.picture_wh,
            saturation=SaturationEvidence(False, "", 0.0, t),
        )
        # There and back, so that the place stays as full as it is.
        way = 0.5 * abs((t % 2.0) - 1.0)
        found.append(analyzer.update(CAMERA.tracks(start + velocity * way), facts)[0])
    return found


def _assess(frames: list[CrowdMetrics]) -> RiskAssessment:
    risk = RiskCalculator(RiskParams(), people_limit=None)
    for k, metrics in enumerate(frames):
        found = risk.update(metrics, stream_time_s=k / RATE_HZ, segment=0)
    return found


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    people=st.integers(1, 220),
    seed=st.integers(0, 10_000),
    speed=st.floats(0.0, 1.5),
    at=st.tuples(st.floats(1.0, SIDE_M - 1.0), st.floats(1.0, SIDE_M - 1.0)),
)
def test_one_more_at_the_local_mean_velocity_never_lowers_the_result(
    people: int, seed: int, speed: float, at: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.8, SIDE_M - 0.8, (people, 2))
    velocity = rng.normal(0, speed / 2, (people, 2)) + np.array([speed, 0])
    near = np.exp(-((start - at) ** 2).sum(axis=1)) + 1e-12
    joining = (near @ velocity) / near.sum()
    before = _measure(start, velocity)
    after = _measure(np.vstack([start, at]), np.vstack([velocity, joining]))
    fixed = []
    for one, two in zip(before, after, strict=True):
        assert two.count == one.count + 1
        assert two.density_per_m2 is not None
        assert one.density_per_m2 is not None
        assert two.density_per_m2 > one.density_per_m2
        assert two.peak_density_per_m2 is not None
        assert one.peak_density_per_m2 is not None
        assert two.peak_density_per_m2 >= one.peak_density_per_m2 - 1e-9
        fixed.append(
            replace(
                one,
                count=two.count,
                density_per_m2=two.density_per_m2,
                peak_density_per_m2=two.peak_density_per_m2,
                voronoi_density_per_m2=two.voronoi_density_per_m2,
            )
        )
    lower, higher = _assess(before), _assess(fixed)
    assert higher.level >= lower.level
    assert higher.score is not None
    assert lower.score is not None
    assert higher.score >= lower.score - 1e-9
    # Measured anew, one more in step makes the others a little less disorderly, and no more.
    again = _assess(after)
    assert again.score is not None
    assert again.score >= lower.score - 40 / people - 1.0
