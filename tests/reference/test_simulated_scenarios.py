"""The simulated scenarios all the way to incidents: the level follows the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from shapely import Polygon, contains_xy

from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import CrowdMetrics, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.density import density_by_area
from backend.crowd.density_kernel import DensityKernel
from backend.crowd.params import AnalysisParams
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import AlertRules, IncidentFamily
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from backend.vision.simulation.catalogue import SCENARIOS, ground_truth_calibration
from backend.vision.simulation.crowd import STEP_S
from backend.vision.simulation.world import World


@dataclass(frozen=True)
class Moment:
    """What is true, what was measured and what followed, at one time."""

    time_s: float
    positions_m: FloatArray
    speed_mps: FloatArray
    metrics: CrowdMetrics
    risk: RiskAssessment
    families: frozenset[IncidentFamily]
    kernel: DensityKernel

    @cached_property
    def true_peak_per_m2(self) -> float:
        """Peak local density of the people in the picture."""
        return self.kernel.peak(self.positions_m).value_per_m2


def play(
    name: str, *, until_s: float, every_s: float, from_s: float = 0.0, seed: int = 0
) -> Iterator[Moment]:
    """A scenario as its camera sees it, measured every so many seconds."""
    world, info = World(name, seed=seed), SCENARIOS[name]
    kernel = DensityKernel(Polygon(world.place.monitored))
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=info.people_limit,
        calibration=ground_truth_calibration(name),
        exits=info.exits,
        recall=PERFECT_RECALL,
    )
    risk = RiskCalculator(RiskParams(), people_limit=info.people_limit)
    rules = AlertRules(AlertParams())
    stride = round(every_s / STEP_S)
    for k in range(round(until_s / STEP_S)):
        if k % stride == 0 and k * STEP_S >= from_s:
            people = world.in_picture()
            boxes = world.place.camera.body_boxes(people.positions_m).astype(np.float32)
            metrics, _ = analyzer.update(
                Tracks(people.ids, boxes, np.ones(len(boxes), np.float32)),
                FrameFacts(
                    stream_time_s=world.time_s,
                    segment=0,
                    picture_wh=world.place.camera.picture_wh,
                    saturation=SaturationEvidence(False, "", 0.0, world.time_s),
                ),
            )
            found = risk.update(metrics, stream_time_s=world.time_s, segment=0)
            rules.observe(found, trust=metrics.trust, at_s=world.time_s)
            yield Moment(
                time_s=world.time_s,
                positions_m=people.positions_m,
                speed_mps=people.speed_mps,
                metrics=metrics,
                risk=found,
                families=frozenset(incident.family for incident in rules.standing),
                kernel=kernel,
            )
        world.step()


def test_calm_stays_silent_for_an_hour() -> None:
    for moment in play("calm", until_s=3600.0, every_s=4.0):
        assert 1 <= len(moment.positions_m) < 10
        assert moment.risk.level is RiskLevel.SAFE
        assert not moment.families
        assert moment.metrics.trust is Trust.OK


def test_crush_gets_past_seven_people_per_square_metre_and_is_critical() -> None:
    moments = list(play("crush", until_s=165.0, every_s=2.0))
    true = np.array([moment.true_peak_per_m2 for moment in moments])
    assert true[:5].max() < 4.0
    assert moments[0].risk.level is RiskLevel.SAFE
    assert (true[-10:] >= 7.0).all()
    assert all(moment.risk.level is RiskLevel.CRITICAL for moment in moments[-10:])
    for moment in moments:
        measured = moment.metrics.peak_density_per_m2
        assert measured == pytest.approx(moment.true_peak_per_m2, abs=0.02)
    assert _never_below_the_true_band(moments)
    assert len(moments[-1].positions_m) > 200


def test_a_queue_at_a_door_is_dense_and_is_said_to_be() -> None:
    moments = list(play("bottleneck", until_s=45.0, every_s=1.0))
    late = [moment for moment in moments if moment.time_s > 25.0]
    assert all(2.0 <= moment.true_peak_per_m2 < 4.5 for moment in late)
    assert all(RiskLevel.CAUTION <= moment.risk.level <= RiskLevel.WARNING for moment in late)
    assert _never_below_the_true_band(moments)


def test_two_streams_pass_each_other_safely() -> None:
    moments = list(play("counter-flow", until_s=50.0, every_s=0.5, from_s=20.0))
    late = moments[30:]
    assert all(moment.risk.level is RiskLevel.SAFE for moment in moments)
    assert max(moment.true_peak_per_m2 for moment in moments) < 2.0
    assert np.mean([moment.metrics.coherence for moment in late]) < 0.35
    assert np.mean([moment.metrics.bidirectionality for moment in late]) > 0.6
    assert min(len(moment.positions_m) for moment in moments) > 25


def test_a_train_that_arrives_is_a_spike() -> None:
    moments = list(play("surge", until_s=135.0, every_s=1.0, from_s=20.0))
    quiet = [moment for moment in moments if moment.time_s < 90.0]
    assert not any(moment.risk.level > RiskLevel.SAFE for moment in quiet)
    assert IncidentFamily.SURGE in moments[-1].families
    assert max(moment.metrics.surge or 0.0 for moment in moments) > 1.0


def test_a_show_fills_the_square_slowly() -> None:
    moments = list(play("peak", until_s=120.0, every_s=2.0))
    counts = [len(moment.positions_m) for moment in moments]
    assert counts[0] < 15
    assert counts[-1] > 35
    assert _never_below_the_true_band(moments)


def test_speed_and_density_of_the_boxes_are_those_of_the_people() -> None:
    moments = list(play("counter-flow", until_s=28.0, every_s=0.5, from_s=20.0))
    last = moments[-1]
    area = Polygon(World("counter-flow", seed=0).place.monitored)
    inside = contains_xy(area, last.positions_m)
    assert last.metrics.count == pytest.approx(inside.sum(), abs=1)
    expected = density_by_area(float(last.metrics.count), area.area)
    assert last.metrics.density_per_m2 == pytest.approx(expected, rel=1e-3)
    assert last.metrics.mean_speed_mps == pytest.approx(last.speed_mps[inside].mean(), rel=0.06)


def _never_below_the_true_band(moments: list[Moment]) -> bool:
    """Whether every true density that lasted for 12 s is answered by its band at least."""
    params = RiskParams()
    for k, moment in enumerate(moments):
        lasting = [m.true_peak_per_m2 for m in moments[: k + 1] if m.time_s > moment.time_s - 12.0]
        if moment.time_s < 13.0:
            continue
        band = max(level for level in RiskLevel if min(lasting) >= params.density_edge(level))
        if moment.risk.level < band:
            return False
    return True
