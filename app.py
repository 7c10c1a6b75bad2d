"""The entry: ``python app.py`` sets up and serves, ``flask --app app`` has the commands.

``python app.py setup`` only sets up: folders, database, first administrator, weights.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from backend.logging_setup import configure_logging
from config import PROJECT_ROOT, Settings, load_settings

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.app.base import BaseApplication

MIGRATIONS = PROJECT_ROOT / "migrations"
STOP_TIMEOUT_S = 10
"""From SIGTERM to the end: streams and cameras get this long."""


def create_app() -> Flask:
    """Return the application for ``flask --app app``; starts nothing."""
    from backend.factory import create_app as build_app  # noqa: PLC0415 - keeps `main` light

    settings = load_settings()
    configure_logging(level=settings.log_level, as_json=settings.log_json)
    return build_app(settings)


def main(arguments: Sequence[str] = ()) -> int:
    """Set up, then serve until told to stop; returns the exit status."""
    if list(arguments) not in ([], ["setup"]):
        _say("usage: python app.py [setup]      commands: flask --app app --help")
        return 2
    try:
        settings = load_settings()
    except ValidationError as error:
        _say("The configuration is not valid:")
        for item in error.errors(include_input=False, include_url=False):
            _say(f"  {'.'.join(map(str, item['loc']))}: {item['msg']}")
        return 2
    if not _live_defaults_are_valid(settings):
        return 2
    os.umask(0o077)  # recordings show people: what is written from here on is the owner's only
    make_folders(settings)
    configure_logging(
        level=settings.log_level, as_json=settings.log_json, folder=settings.home / "logs"
    )
    password = prepare_database(settings)
    if password is not None:
        _announce_password(password)
    if arguments:
        return _prepare_model(settings)
    _server(settings).run()
    return 0


def _live_defaults_are_valid(settings: Settings) -> bool:
    from backend.core.errors import InvalidInputError  # noqa: PLC0415 - after the first checks
    from backend.services.live_settings import parse_environment  # noqa: PLC0415

    try:
        parse_environment(settings.live_defaults)
    except InvalidInputError as error:
        _say(f"The configuration is not valid:\n  {error.field.upper()}: {error}")
        return False
    return True


def make_folders(settings: Settings) -> None:
    """Create what is written to; keys and the database are readable by the owner only."""
    for name in ("uploads", "recordings", "models", "logs"):
        (settings.home / name).mkdir(parents=True, exist_ok=True)
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    settings.instance_dir.chmod(0o700)


def prepare_database(settings: Settings) -> str | None:
    """Migrate, create the first administrator and the first, simulated camera.

    Returns:
        The administrator's made-up password, None unless one was made just now.
    """
    from sqlalchemy import create_engine  # noqa: PLC0415 - after the configuration is known good
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    from backend.db.base import configure_sqlite  # noqa: PLC0415
    from backend.db.engine import driver_url  # noqa: PLC0415
    from backend.db.migrate import upgrade_database  # noqa: PLC0415
    from backend.services.first_admin import ensure_first_admin  # noqa: PLC0415
    from backend.services.simulation.first_camera import ensure_first_camera  # noqa: PLC0415

    engine = create_engine(driver_url(settings.database_url))
    configure_sqlite(engine)
    try:
        upgrade_database(engine, MIGRATIONS)
        password = ensure_first_admin(engine, settings.admin_password)
        if settings.demo_camera:
            ensure_first_camera(engine, encryption_key=settings.encryption_key)
        return password
    except OperationalError as error:
        _say(f"The database cannot be reached: {error.orig}")
        _say("Check DATABASE_URL, and that the database server runs.")
        raise SystemExit(1) from None
    finally:
        engine.dispose()


def _prepare_model(settings: Settings) -> int:
    """Fetch, export and load the detector; returns the exit status."""
    from backend.core.clock import SystemClock  # noqa: PLC0415 - only for set-up
    from backend.core.errors import ModelError  # noqa: PLC0415
    from backend.services.parts import build_model_store  # noqa: PLC0415

    models = build_model_store(settings, SystemClock())
    try:
        models.prepare(_say, retry_download=True)
    except ModelError as error:
        _say(str(error))
        return 1
    finally:
        models.close()
    return 0


def _announce_password(password: str) -> None:
    _say("")
    _say("  First log-in:   user name  admin")
    _say(f"                  password   {password}")
    _say("  It is shown this once and has to be changed at the first log-in.")
    _say("")


def _say(line: str) -> None:
    """Print for the person at the terminal; never goes to the log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _server(settings: Settings) -> BaseApplication:
    """Return gunicorn around the application, to be built inside the worker."""
    from backend.server import Server  # noqa: PLC0415 - brings the web server

    def build() -> Flask:
        from backend.factory import create_app as build_app  # noqa: PLC0415 - in the worker

        configure_logging(
            level=settings.log_level,
            as_json=settings.log_json,
            folder=settings.home / "logs",
            rotates=True,
        )
        return build_app(settings, with_commands=False)

    def ready(port: int) -> None:
        everywhere = {"127.0.0.1", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        host = "localhost" if settings.host in everywhere else settings.host
        _say(f"CrowdSafe is at http://{host}:{port}")

    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "threads": settings.threads,
        "stop_timeout_s": STOP_TIMEOUT_S,
    }
    return Server(build, ready, **options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
