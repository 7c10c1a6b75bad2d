"""What is known of a simulated camera by construction: scenario, ground, the place's limits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from backend.core.calibration import Calibration, Exit
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.trust import Trust
from backend.db.cameras import Camera
from backend.services.calibration.facts import CalibrationFacts
from backend.services.calibration.stored import LoadedCalibration
from backend.services.calibration.views import (
    KNOWN_METHOD,
    CalibrationSummary,
    CalibrationView,
    matrix_rows,
)
from backend.services.camera_rules import CameraFields, ExitFields, is_simulated
from backend.vision.simulation.catalogue import (
    SCENARIOS,
    ScenarioInfo,
    ground_truth_calibration,
    parse_source,
)

NOTHING_TO_CALIBRATE: Final = (
    "The ground of a simulated camera is known by construction: there is nothing to calibrate."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """One scenario as people choose it; see `vision.simulation.catalogue.ScenarioInfo`."""

    name: str
    title: str
    description: str
    people_limit: int
    exits: tuple[Exit, ...]


def list_scenarios() -> list[ScenarioView]:
    """Return what can be simulated, in the catalogue's order."""
    return [
        ScenarioView(one.name, one.title, one.description, one.people_limit, tuple(one.exits))
        for one in SCENARIOS.values()
    ]


def refuse_calibration(camera: Camera) -> None:
    """Raise ConflictError for a simulated camera."""
    if is_simulated(camera):
        raise ConflictError(NOTHING_TO_CALIBRATE)


def use_scenario(camera: Camera, fields: CameraFields, *, before: str, now: str) -> None:
    """Give a row its scenario's people limit and exits where nobody gave others.

    Args:
        camera: The row, its other fields written.
        fields: What was given just now.
        before: Source it had, empty for a new camera.
        now: Source it has.

    Raises:
        InvalidInputError: There is no such scenario.
    """
    scenario = parse_source(now)[0]
    former = _scenario_or_none(before)
    untouched = former is None or camera.people_limit in {None, former.people_limit}
    if fields.get("people_limit") is None and untouched:
        camera.people_limit = scenario.people_limit
    if "exits" not in fields and (former is None or camera.exits == _exit_rows(former)):
        camera.exits = [dict(way) for way in _exit_rows(scenario)]


def scenario_of(camera: Camera) -> str:
    """Return the scenario a camera shows, whatever the seed; empty for a real one."""
    scenario = _scenario_or_none(camera.source_display) if is_simulated(camera) else None
    return "" if scenario is None else scenario.name


def known_ground(source: str) -> LoadedCalibration:
    """Return what a simulated camera is started with; raises InvalidInputError for no scenario."""
    calibration = _truth(parse_source(source)[0].name)
    # landmarks would only serve to find out whether the camera was knocked
    facts = CalibrationFacts(calibration.version, has_background=True)
    return LoadedCalibration(calibration, facts)


def known_summary(camera: Camera) -> CalibrationSummary | None:
    """Return the ground of a simulated camera in one line, None where its scenario is gone."""
    scenario = _scenario_or_none(camera.source_display)
    if scenario is None:
        return None
    return CalibrationSummary(
        version=_truth(scenario.name).version,
        method=KNOWN_METHOD,
        area_m2=_area_m2(scenario.name),
        trust=Trust.OK.value,
        created_at=camera.created_at,
    )


def known_calibration(camera: Camera) -> CalibrationView:
    """Return the ground of a simulated camera as calibrations are shown."""
    scenario = _scenario_or_none(camera.source_display)
    if scenario is None:
        return CalibrationView(camera_id=camera.id, calibrated=False)
    truth = _truth(scenario.name)
    return _view(camera.id, truth, _area_m2(scenario.name), camera.created_at)


def _view(camera_id: int, truth: Calibration, area_m2: float, at: datetime) -> CalibrationView:
    return CalibrationView(
        camera_id=camera_id,
        calibrated=True,
        version=truth.version,
        method=KNOWN_METHOD,
        picture_wh=truth.picture_wh,
        monitored_area=truth.monitored_px,
        walkable_area=truth.walkable_px,
        homography=matrix_rows(truth.homography),
        area_m2=area_m2,
        rms_error_m=0.0,
        length_spread=truth.length_spread,
        area_spread=truth.area_spread,
        trust=Trust.OK.value,
        notes=(NOTHING_TO_CALIBRATE,),
        created_at=at,
    )


@lru_cache(maxsize=32)
def _truth(name: str) -> Calibration:
    return ground_truth_calibration(name)


@lru_cache(maxsize=32)
def _area_m2(name: str) -> float:
    """Return the monitored area of a scenario, as measuring itself takes it."""
    from backend.crowd.calibration import MonitoredGround  # noqa: PLC0415 - heavy

    truth = _truth(name)
    _, ground = MonitoredGround.from_calibration(truth, truth.picture_wh)
    return round(ground.area_m2, 3)


def _scenario_or_none(source: str | None) -> ScenarioInfo | None:
    """Return the scenario a stored source names, None for one this version does not have."""
    try:
        return parse_source(source)[0] if source else None
    except InvalidInputError:
        logger.error("simulation.scenario_unknown source=%s", source)
        return None


def _exit_rows(scenario: ScenarioInfo) -> list[ExitFields]:
    return [{"width_m": way.width_m, "kind": way.kind.value} for way in scenario.exits]
