"""``flask --app app run-detection``: counts of the configured cameras every few seconds."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from backend.cli.detection_modes import DetectorMode, OpenDetector, detectors_of
from backend.cli.location_rounds import LocationRounds, find_location
from backend.cli.rounds import DetectionRounds, PlannedCamera, RoundsOutcome
from backend.core.camera import SourceType
from backend.core.errors import CrowdSafeError, NotFoundError
from backend.core.locations import Location
from backend.core.snapshot import CameraStatus, Snapshot
from backend.db import camera_store
from backend.db.cameras import Camera
from backend.pipeline.ports import PipelineParams
from backend.pipeline.shared_parts import ProcessorLimits
from backend.services.container import Services
from backend.services.launcher import camera_facts
from backend.services.parts import build_pipeline_parts
from backend.web.context import services

_NO_DATABASE = "The database is not set up or cannot be reached. Run: python app.py setup"


@click.command("run-detection")
@click.option(
    "--interval",
    type=click.FloatRange(0.2, 3600),
    default=5.0,
    show_default=True,
    help="Seconds between two pictures of a camera.",
)
@click.option(
    "--camera",
    "camera_ids",
    type=int,
    multiple=True,
    help="Number of a camera; may be given several times. All live cameras by default.",
)
@click.option(
    "--location",
    "location_id",
    type=int,
    help="Number of a location: its cameras are looked at, and after each round its number is "
    "told, nobody twice.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in DetectorMode]),
    default=DetectorMode.YOLO.value,
    show_default=True,
    help="The configured detector, the reduced-accuracy network, or the classic HOG detector "
    "(an optional extra).",
)
@click.option("--once", is_flag=True, help="One round, the same as --rounds 1.")
@click.option("--rounds", type=click.IntRange(1), help="End after so many rounds.")
@with_appcontext
def command(
    interval: float,
    camera_ids: tuple[int, ...],
    location_id: int | None,
    mode: str,
    once: bool,
    rounds: int | None,
) -> None:
    """Count people on the configured cameras and store the counts as metrics.

    For cameras the server does not run itself. People are not followed from picture to
    picture: there are counts and densities, no speeds, and nobody is counted over lines. The
    number of a location is told, not stored. Ends with Ctrl-C, or after --rounds.
    Exit status: 0 done, 1 a camera did not deliver or rows were lost, 2 wrong usage.
    """
    if once and rounds not in (None, 1):
        raise click.UsageError("--once and --rounds contradict each other.")
    if camera_ids and location_id is not None:
        raise click.UsageError("--camera and --location contradict each other.")
    try:
        outcome = run(
            services(),
            camera_ids=camera_ids,
            location_id=location_id,
            interval_s=interval,
            mode=DetectorMode(mode),
            rounds=1 if once else rounds,
        )
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_NO_DATABASE) from error
    except CrowdSafeError as error:
        raise click.ClickException(str(error)) from error
    if outcome.missing or outcome.writer.lost:
        sys.exit(1)


def run(
    house: Services,
    *,
    camera_ids: tuple[int, ...],
    interval_s: float,
    mode: DetectorMode,
    rounds: int | None,
    location_id: int | None = None,
) -> RoundsOutcome:
    """Detect on the chosen cameras, or those of a location, and report to the terminal.

    Raises:
        CrowdSafeError: No such camera or location, none at all, no detector.
    """
    location = None if location_id is None else find_location(house.session_factory, location_id)
    if location is not None:
        camera_ids = tuple(sorted({area.camera_id for area in location.areas}))
    chosen = choose_cameras(house, camera_ids)
    names = {camera.id: camera.name for camera in chosen}
    fused = None if location is None else _fused(house, location, chosen, interval_s)

    def tell(snapshot: Snapshot) -> None:
        click.echo(_line(snapshot))
        if fused is not None:
            fused.tell(fused.take(snapshot), click.echo)

    with detectors_of(
        mode, house.settings, clock=house.clock, tell=lambda line: click.echo(line, err=True)
    ) as open_detector:
        outcome = _work(_rounds(house, chosen, interval_s, open_detector), rounds, names, tell)
    if fused is not None:
        fused.tell(fused.finish(), click.echo)
    _report(outcome, names)
    return outcome


def _fused(
    house: Services, location: Location, chosen: list[Camera], interval_s: float
) -> LocationRounds:
    if location.lines:
        click.echo("Note: its counting lines say nothing here; nobody is followed.", err=True)
    cameras = [replace(camera_facts(camera), target_fps=1.0 / interval_s) for camera in chosen]
    return LocationRounds(location, cameras, clock=house.clock)


def _rounds(
    house: Services, chosen: list[Camera], interval_s: float, open_detector: OpenDetector
) -> DetectionRounds:
    live, settings = house.live_settings.current(), house.settings
    return DetectionRounds(
        [PlannedCamera(*house.launcher.plan_run(camera.id)) for camera in chosen],
        interval_s=interval_s,
        parts=build_pipeline_parts(settings, clock=house.clock, open_detector=open_detector),
        params=PipelineParams(live.analysis, live.risk),
        write_rows=house.metrics.write_rows,
        clock=house.clock,
        limits=ProcessorLimits(
            open_timeout_s=settings.source_open_timeout_s,
            read_timeout_s=settings.source_read_timeout_s,
        ),
    )


def choose_cameras(house: Services, camera_ids: tuple[int, ...]) -> list[Camera]:
    """Return the cameras to look at; warns of those the server is to run too.

    Raises:
        NotFoundError: One that was asked for does not exist or is an upload; or there is none.
    """
    with house.session_factory() as session:
        cameras = {camera.id: camera for camera in camera_store.list_cameras(session)}
    live = {
        camera_id: camera
        for camera_id, camera in cameras.items()
        if SourceType(camera.source_type).is_live
    }
    for camera_id in camera_ids:
        if camera_id not in cameras:
            raise NotFoundError(f"There is no camera {camera_id}.")
        if camera_id not in live:
            raise NotFoundError(
                f"Camera {camera_id} is an uploaded recording. Start its analysis instead."
            )
    chosen = [live[camera_id] for camera_id in dict.fromkeys(camera_ids)] or list(live.values())
    if not chosen:
        raise NotFoundError("There is no camera to look at. Add one on the cameras page first.")
    for camera in chosen:
        if camera.should_run:
            click.echo(
                f"Note: {camera.name} is to run in the server too; its counts are stored twice.",
                err=True,
            )
    return chosen


def _work(
    work: DetectionRounds,
    rounds: int | None,
    names: dict[int, str],
    tell: Callable[[Snapshot], None],
) -> RoundsOutcome:
    """Run on a thread of its own, so that Ctrl-C ends it in order."""
    stop = threading.Event()
    outcomes: list[RoundsOutcome] = []
    failures: list[Exception] = []

    def warn(status: CameraStatus) -> None:
        click.echo(f"{names[status.camera_id]}: {status.message}", err=True)

    def work_through() -> None:
        try:
            outcomes.append(work.run(rounds, stop=stop, tell=tell, warn=warn))
        except Exception as error:  # noqa: BLE001 - the thread's edge; raised below
            failures.append(error)

    thread = threading.Thread(target=work_through, name="rounds")
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except KeyboardInterrupt:
        click.echo("\nEnding …", err=True)
        stop.set()
        thread.join()
    if failures:
        raise failures[0]
    return outcomes[0]


def _line(snapshot: Snapshot) -> str:
    metrics = snapshot.metrics
    number = f"{metrics.count:.0f} ({metrics.count_low:.0f}–{metrics.count_high or 0:.0f})"
    if metrics.count_high is None:
        lowest = round(metrics.count_low)
        number = f"at least {lowest}" if lowest else "people: cannot be counted"
    density = "" if metrics.density_per_m2 is None else f"  {metrics.density_per_m2:.2f} people/m²"
    return (
        f"{snapshot.captured_at:%Y-%m-%d %H:%M:%S}Z  {snapshot.camera_name}: "
        f"{number}{density}  "
        f"{snapshot.risk.level.name}  trust {metrics.trust.value}"
    )


def _report(outcome: RoundsOutcome, names: dict[int, str]) -> None:
    for camera_id, reason in outcome.missing.items():
        click.echo(f"{names[camera_id]}: {outcome.rounds[camera_id]} rounds. {reason}", err=True)
    click.echo(f"{outcome.rounds.total()} pictures counted, {outcome.writer.written} rows stored.")
    if outcome.writer.lost:
        click.echo(
            f"{outcome.writer.lost} rows could not be stored: {outcome.writer.last_error}", err=True
        )
