"""A simulated camera: its place is known, nothing is calibrated, and it stays a simulation."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import update

from backend.core.calibration import CalibrationMethod
from backend.core.camera import SIMULATION_MODEL, SourceType
from backend.core.errors import ConflictError, InvalidInputError, PermissionDeniedError
from backend.crowd.calibration import MonitoredGround
from backend.db.cameras import Camera
from backend.pipeline.metric_row import make_row
from backend.services.calibration.draft import CalibrationDraft, MarkedRectangle
from backend.services.camera_rules import CameraFields
from backend.services.camera_views import CameraView, ExitView
from backend.services.metrics import MetricService, TimeRange
from backend.services.simulation.known import list_scenarios
from backend.vision.simulation.catalogue import SCENARIOS, ground_truth_calibration
from tests import builders
from tests.services.camera_world import ADMIN, OPERATOR, SECRET_SOURCE, VIEWER, CameraWorld


def simulated(world: CameraWorld, source: str = "crush:7", **fields: object) -> CameraView:
    given = {"name": "Drawn", "source_type": SourceType.SIMULATED, "source": source}
    return world.cameras.create(ADMIN, CameraFields(**(given | fields)))  # type: ignore[typeddict-item]


def ways(name: str) -> tuple[ExitView, ...]:
    return tuple(ExitView(way.width_m, way.kind.value) for way in SCENARIOS[name].exits)


def measured_area_m2(name: str) -> float:
    """Return the monitored area as measuring takes it."""
    truth = ground_truth_calibration(name)
    return MonitoredGround.from_calibration(truth, truth.picture_wh)[1].area_m2


def test_the_scenario_says_how_many_the_place_holds_and_where_it_is_left(
    cameras: CameraWorld,
) -> None:
    view = simulated(cameras)
    assert view.is_simulated
    assert view.source_display == "crush:7"
    assert (view.people_limit, view.exits) == (SCENARIOS["crush"].people_limit, ways("crush"))
    other = cameras.cameras.update(ADMIN, view.id, {"source": "bottleneck"})
    assert (other.people_limit, other.exits) == (
        SCENARIOS["bottleneck"].people_limit,
        ways("bottleneck"),
    )


def test_what_a_person_gave_is_kept(cameras: CameraWorld) -> None:
    view = simulated(cameras, people_limit=55, exits=[{"width_m": 1.0, "kind": "stairs"}])
    changed = cameras.cameras.update(ADMIN, view.id, {"source": "calm"})
    assert (changed.people_limit, changed.exits) == (55, (ExitView(1.0, "stairs"),))


def test_it_runs_on_the_exact_ground_of_its_scenario(cameras: CameraWorld) -> None:
    view = simulated(cameras, "surge")
    cameras.cameras.start(OPERATOR, view.id)
    config = cameras.engine.running[view.id]
    assert (config.spec.source_type, config.spec.source) == (SourceType.SIMULATED, "surge")
    assert config.calibration == ground_truth_calibration("surge")
    facts = cameras.live.calibration(view.id)
    assert (facts.version, facts.fault) == (1, "")
    cameras.scenery.step()
    assert cameras.calibration_rows(view.id) == []


def test_its_calibration_is_shown_and_cannot_be_changed(cameras: CameraWorld) -> None:
    view = simulated(cameras)
    assert view.calibration is not None
    shown = cameras.calibrations.get(VIEWER, view.id)
    assert (shown.calibrated, shown.method, shown.trust) == (True, "simulation", "ok")
    assert "nothing to calibrate" in shown.notes[0]
    assert shown.area_m2 == view.calibration.area_m2
    assert view.calibration.area_m2 == pytest.approx(measured_area_m2("crush"), abs=0.001)
    assert cameras.calibrations.versions(VIEWER, view.id) == []
    draft = CalibrationDraft(
        method=CalibrationMethod.RECTANGLE,
        picture_wh=(640, 360),
        rectangle=MarkedRectangle(((10, 300), (600, 300), (500, 200), (100, 200)), 4.0, 6.0),
    )
    for act in (cameras.calibrations.put, cameras.calibrations.preview):
        with pytest.raises(ConflictError, match="nothing to calibrate"):
            act(ADMIN, view.id, draft)
    with pytest.raises(ConflictError, match="by construction"):
        cameras.calibrations.remove(ADMIN, view.id)
    with pytest.raises(ConflictError, match="by construction"):
        cameras.calibrations.automatic(ADMIN, view.id, None)


def test_a_camera_never_changes_between_simulated_and_real(cameras: CameraWorld) -> None:
    view = simulated(cameras)
    with pytest.raises(InvalidInputError, match="cannot become a real one") as caught:
        cameras.cameras.update(
            ADMIN, view.id, {"source_type": SourceType.RTSP, "source": SECRET_SOURCE}
        )
    assert caught.value.field == "source_type"
    real = cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )
    with pytest.raises(InvalidInputError, match="the other way round"):
        cameras.cameras.update(
            ADMIN, real.id, {"source_type": SourceType.SIMULATED, "source": "calm"}
        )


@pytest.mark.parametrize("source", ["stampede", "crush:x", "crush:-1"])
def test_an_unknown_scenario_is_named(cameras: CameraWorld, source: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        simulated(cameras, source)
    assert caught.value.field == "source"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"detection_tiles": "2x2"}, "detection_tiles"),
        ({"tracker": "bytetrack"}, "tracker"),
        ({"is_moving": True}, "is_moving"),
        ({"detection_model": "people-int8"}, "detection_model"),
    ],
)
def test_there_is_no_detector_to_choose(
    cameras: CameraWorld, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError, match="no detector") as caught:
        simulated(cameras, **fields)
    assert caught.value.field == field


def test_only_administrators_add_one_and_operators_run_it(cameras: CameraWorld) -> None:
    with pytest.raises(PermissionDeniedError):
        cameras.cameras.create(
            OPERATOR, {"name": "x", "source_type": SourceType.SIMULATED, "source": "calm"}
        )
    view = simulated(cameras)
    cameras.cameras.start(OPERATOR, view.id)
    assert cameras.tests.test_stored(OPERATOR, view.id).ok
    cameras.cameras.stop(OPERATOR, view.id)
    cameras.cameras.delete(ADMIN, view.id)
    assert cameras.engine.running == {}


def test_a_scenario_this_version_does_not_have_is_no_ill_of_the_others(
    cameras: CameraWorld,
) -> None:
    view = simulated(cameras)
    with cameras.database() as session, session.begin():
        session.execute(update(Camera).values(source_display="riot:1"))
    assert cameras.cameras.get(VIEWER, view.id).calibration is None
    assert not cameras.calibrations.get(VIEWER, view.id).calibrated


def test_its_numbers_and_videos_say_that_nobody_was_there(cameras: CameraWorld) -> None:
    view = simulated(cameras)
    metrics = MetricService(session_factory=cameras.database, live=cameras.live)
    shown = dataclasses.replace(
        builders.snapshot(camera_id=view.id, published_mono_s=cameras.clock.monotonic()),
        model=SIMULATION_MODEL,
    )
    metrics.write_rows([make_row(shown, builders.assessment())])
    (stored,) = metrics.stored(VIEWER, view.id, TimeRange(), page=1, per_page=9).items
    assert stored.is_simulated
    assert metrics.current(VIEWER, view.id).is_simulated, "the last stored second"
    cameras.bus.publish(shown, builders.frame())
    assert metrics.current(VIEWER, view.id).is_simulated
    segment = cameras.add_recording(view.id, "camera-1/a.mp4")
    assert cameras.recordings.get(VIEWER, segment).is_simulated
    assert cameras.recordings.file(VIEWER, segment).download_name.startswith("SIMULATED-Drawn-")


def test_the_scenarios_are_listed_mildest_first() -> None:
    listed = list_scenarios()
    assert (listed[0].name, listed[-1].name) == ("calm", "crush")
    assert all(one.title and one.description and one.exits for one in listed)
