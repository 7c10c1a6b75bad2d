"""``flask --app app analyze PATH_OR_URL --out DIR``: the whole pipeline, headless."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from backend.cli.analysis_report import report_lines
from backend.cli.calibration_file import load_calibration
from backend.cli.headless import (
    SUMMARY_NAME,
    AnalysisFailedError,
    AnalysisRequest,
    HeadlessAnalysis,
    parse_source,
)
from backend.cli.places_file import load_places_file
from backend.core.camera import CameraState, SourceSpec, SourceType
from backend.core.errors import CrowdSafeError, ModelError
from backend.core.places import CameraPlaces
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.shared_parts import ProcessorLimits
from backend.services.container import Services
from backend.services.density import build_density_store, counters_of
from backend.services.live_settings import LiveSettings, build_live_settings
from backend.services.parts import build_pipeline_parts, source_limits
from backend.vision.density.counter import DensityCounter, DensityModelInfo
from backend.vision.density.store import DensityStore
from backend.vision.overlay import OverlayParams, OverlayRenderer
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.creation_time import read_creation_time
from backend.vision.sources.factory import make_source
from backend.vision.sources.redact import redact_source
from backend.vision.sources.validate import validate_source
from backend.web.context import services

_LOOK_S = 0.2
_TELL_EVERY_S = 5.0
INTERRUPTED = 130


@click.command("analyze")
@click.argument("source", metavar="PATH_OR_URL")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for annotated.mp4, metrics.csv, places.csv and summary.json; made when missing.",
)
@click.option(
    "--area-m2", type=click.FloatRange(0, min_open=True), help="Area seen, square metres."
)
@click.option(
    "--calibration",
    "calibration_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with the ground plane, as the API takes it; takes the place of --area-m2.",
)
@click.option(
    "--places",
    "places_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with zones and counting lines, as the API gives them out; they are measured, "
    "drawn and written to places.csv.",
)
@click.option("--people-limit", type=click.IntRange(1), help="People the place may hold.")
@click.option(
    "--true-fps",
    type=click.FloatRange(0.1, 240),
    help="Real frame rate of a file whose header is wrong.",
)
@click.option(
    "--density",
    metavar="auto|off|NAME",
    help="What counts where people can no longer be told apart: the density network that came "
    "with CrowdSafe, none, or a weight file in models/.  [default: the setting DENSITY_MODEL]",
)
@click.option("--no-video", is_flag=True, help="Do not make the annotated video.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    help="Leave after so much stream time; otherwise at the end, or with Ctrl-C.",
)
@with_appcontext
def command(  # noqa: PLR0913, PLR0917 - one for each option, and click passes them all
    source: str,
    out: Path,
    area_m2: float | None,
    calibration_file: Path | None,
    places_file: Path | None,
    people_limit: int | None,
    true_fps: float | None,
    density: str | None,
    no_video: bool,
    seconds: float | None,
) -> None:
    """Analyse a video file or a stream and leave the results in a folder.

    Every frame of a file is analysed; of a stream (rtsp, http) as many as the machine can.
    No server and no database are needed. Exit status: 0 done, 1 failed, 2 wrong usage,
    130 ended with Ctrl-C (what was found until then is there).
    """
    try:
        spec = parse_source(source, true_fps=true_fps)
        out.mkdir(parents=True, exist_ok=True)
        request = AnalysisRequest(
            spec=spec,
            shown_as=redact_source(source),
            out=out,
            area_m2=area_m2,
            people_limit=people_limit,
            calibration=load_calibration(calibration_file) if calibration_file else None,
            places=load_places_file(places_file) if places_file else CameraPlaces(),
            with_video=not no_video,
            longest_s=seconds,
            recorded_at=_recorded_at(services(), spec),
        )
        interrupted = run(services(), request, density=density)
    except (CrowdSafeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if interrupted:
        sys.exit(INTERRUPTED)


def run(house: Services, request: AnalysisRequest, *, density: str | None = None) -> bool:
    """Analyse and report to the terminal; return whether a person ended it early.

    Args:
        house: All services.
        request: What to analyse.
        density: ``auto``, ``off`` or a file in models/; None = the setting.

    Raises:
        CrowdSafeError: No detector, not the density network asked for, a refused source, a
            failed analysis.
    """
    live, settings = live_settings(house), house.settings
    store = build_density_store(settings, model=density)
    parts = make_parts(house, request.spec, counters_of(store))
    house.models.prepare(lambda line: click.echo(line, err=True))
    try:
        density_model = _prepare(store, is_asked_for=density is not None)
        analysis = HeadlessAnalysis(
            request,
            parts=parts,
            params=PipelineParams(live.analysis, live.risk),
            renderer=OverlayRenderer(
                OverlayParams(heat_sigma_px=settings.heatmap_sigma_px, zone=settings.timezone)
            ),
            clock=house.clock,
            limits=ProcessorLimits(
                open_timeout_s=settings.source_open_timeout_s,
                read_timeout_s=settings.source_read_timeout_s,
            ),
            density_model=density_model,
        )
        interrupted = _follow(analysis)
        files = analysis.finish()
    finally:
        store.close()
        house.models.close()
    _report(analysis, files)
    return interrupted


def _prepare(store: DensityStore, *, is_asked_for: bool) -> DensityModelInfo | None:
    """Load the density network and say which it is; without it only where nobody named it.

    Raises:
        ModelError: It was asked for and cannot be had.
    """
    if not store.is_on:
        return None
    try:
        info = store.prepare()
    except ModelError as error:
        if is_asked_for:
            raise
        click.echo(f"DENSE CROWDS ARE COUNTED BY BOXES ALONE: {error}", err=True)
        return None
    click.echo(f"Density counter: {info.name} ({info.runtime}, {info.precision})", err=True)
    return info


def live_settings(house: Services) -> LiveSettings:
    """Return the limits of the settings page; without a database those of the environment."""
    try:
        return house.live_settings.current()
    except SQLAlchemyError:
        return build_live_settings(house.settings.live_defaults)


def shell_limits(house: Services, spec: SourceSpec) -> SourceLimits:
    """Return the limits of a source: somebody at the shell may open any file they can read."""
    limits = source_limits(house.settings)
    if spec.source_type is not SourceType.UPLOAD:
        return limits
    folder = Path(spec.source).parent
    return dataclasses.replace(limits, upload_folder=folder, max_file_bytes=None)


def make_parts(
    house: Services, spec: SourceSpec, open_counter: Callable[[], DensityCounter | None]
) -> PipelineParts:
    """Return the pipeline's parts.

    Raises:
        InvalidInputError: The source breaks the rules that hold for streams.
    """
    limits = shell_limits(house, spec)
    validate_source(spec, limits)
    parts = build_pipeline_parts(
        house.settings,
        clock=house.clock,
        open_detector=lambda config: house.models.open_detector(config.detection),
        open_counter=open_counter,
    )
    return dataclasses.replace(
        parts,
        make_source=lambda wanted, start: make_source(
            wanted, limits=limits, clock=house.clock, start=start
        ),
    )


def _recorded_at(house: Services, spec: SourceSpec) -> datetime | None:
    if spec.source_type is not SourceType.UPLOAD:
        return None
    return read_creation_time(Path(spec.source), limits=shell_limits(house, spec))


def _follow(analysis: HeadlessAnalysis) -> bool:
    """Show progress until the end; return whether it was ended with Ctrl-C."""
    analysis.start()
    try:
        _show_progress(analysis)
    except KeyboardInterrupt:
        click.echo("\nEnding; what was found is kept …", err=True)
        if not analysis.stop():
            raise AnalysisFailedError("The analysis did not stop in time.") from None
        return True
    return False


def _show_progress(analysis: HeadlessAnalysis) -> None:
    while analysis.status().source is None:
        if analysis.wait(_LOOK_S):
            return
    job = analysis.status().job
    total = job.frames_total if job is not None else None
    if not total:
        _show_running_line(analysis)
        return
    with click.progressbar(
        length=total, label="Analysing", show_pos=True, file=sys.stderr, item_show_func=str
    ) as bar:
        shown, ended = 0, False
        while not ended:
            ended = analysis.wait(_LOOK_S)
            status = analysis.status()
            done = min(status.job.frames_done if status.job else 0, total)
            if ended and status.state is CameraState.STOPPED:
                done = total  # the header's number of frames is an estimate
            bar.update(done - shown, f"{status.fps or 0:.1f} fps")
            shown = done


def _show_running_line(analysis: HeadlessAnalysis) -> None:
    """For streams and files that do not say how long they are."""
    since_s = 0.0
    while not analysis.wait(_LOOK_S):
        since_s += _LOOK_S
        if since_s >= _TELL_EVERY_S:
            since_s = 0.0
            click.echo(_line(analysis), err=True)


def _line(analysis: HeadlessAnalysis) -> str:
    status = analysis.status()
    return f"{status.state.status}: {analysis.summary.frames} frames, {status.fps or 0:.1f} fps"


def _report(analysis: HeadlessAnalysis, files: list[Path]) -> None:
    for line in report_lines(analysis.summary.as_json()):
        click.echo(line)
    for path in files:
        if path.name != SUMMARY_NAME:
            click.echo(f"{path}")
    click.echo(f"{files[-1]}")
