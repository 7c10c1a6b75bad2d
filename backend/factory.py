"""Builds the application: wires, registers, starts nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from backend import pages, realtime
from backend.api.guard import install_guard
from backend.api.openapi import install_api
from backend.api.problems import install_problems
from backend.api.security import SecurityHeaders
from backend.api.throttle import install_throttle
from backend.api.tokens import install_tokens
from backend.core.clock import Clock, SystemClock
from backend.core.settings import Settings
from backend.db.base import configure_sqlite, db
from backend.db.engine import driver_url, engine_options
from backend.pipeline.ports import PipelineParts
from backend.services.container import Services, build_services
from backend.services.lifecycle import Step
from backend.services.passwords import PasswordHasher
from backend.web.converters import install_converters

PROJECT_ROOT = Path(__file__).resolve().parents[1]
SMALL_BODY_BYTES = 2 * 1024 * 1024
"""JSON bodies; the upload route raises the limit for itself."""


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    parts: PipelineParts | None = None,
    with_commands: bool = True,
) -> Flask:
    """Return the application, ready to serve; no thread runs and nothing is written yet.

    Args:
        settings: Start-up settings.
        clock: The machine's own unless a test brings one.
        hasher: bcrypt at full cost unless a test brings a cheaper one.
        parts: What cameras are made of; the real sources and networks unless a test brings fakes.
        with_commands: Add the commands of ``flask --app app``, which the server does without.
    """
    app = Flask(
        __name__,
        static_folder=str(PROJECT_ROOT / "frontend" / "static"),
        template_folder=str(PROJECT_ROOT / "frontend" / "templates"),
    )
    app.config.from_mapping(_flask_config(settings))
    install_converters(app)
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        configure_sqlite(engine)
    services = build_services(
        settings,
        engine=engine,
        clock=clock or SystemClock(),
        hasher=hasher or PasswordHasher(),
        parts=parts,
    )
    app.extensions["crowdsafe"] = services
    install_throttle(app, rate=settings.login_rate_limit, redis_url=settings.redis_url)
    install_tokens(app)
    install_guard(app)
    install_api(app)
    _install_health(app)
    install_problems(app)
    _install_rooms(app, services, settings)
    if with_commands:
        _install_commands(app)
    app.wsgi_app = SecurityHeaders(app.wsgi_app, https=settings.public_https)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=hops
        )
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    """Translate the settings to the names the extensions read."""
    url = driver_url(settings.database_url)
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": SMALL_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": SMALL_BODY_BYTES,
        "MAX_FORM_PARTS": 50,
        "TRUSTED_HOSTS": list(settings.allowed_hosts) or None,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_https,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url, threads=settings.threads),
        "JWT_SECRET_KEY": settings.secret_key,
        "JWT_TOKEN_LOCATION": ["headers", "cookies"],
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=settings.access_token_minutes),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(days=settings.refresh_token_days),
        "JWT_COOKIE_SECURE": settings.public_https,
        "JWT_COOKIE_SAMESITE": "Lax",
        "JWT_COOKIE_CSRF_PROTECT": True,
        "JWT_SESSION_COOKIE": False,
        "API_TITLE": "CrowdSafe",
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
    }


def _install_commands(app: Flask) -> None:
    from flask_migrate import Migrate  # noqa: PLC0415 - brings alembic

    from backend import cli  # noqa: PLC0415

    Migrate(app, db, directory=str(PROJECT_ROOT / "migrations"))
    cli.register(app)


def _install_health(app: Flask) -> None:
    """Answer load balancers and container probes; says nothing to anybody else."""

    @app.get("/healthz", endpoint="healthz")
    def _healthz() -> Response:
        return jsonify({"status": "ok"})


def _install_rooms(app: Flask, services: Services, settings: Settings) -> None:
    """Register sockets and pages."""
    socketio = SocketIO(
        app,
        async_mode="threading",
        message_queue=settings.redis_url,
        channel="crowdsafe",
        max_http_buffer_size=64 * 1024,
        manage_session=False,
        logger=False,
        engineio_logger=False,
    )
    app.extensions["crowdsafe_socketio"] = socketio
    realtime.register(socketio, services)
    app.register_blueprint(pages.blueprint)
    # After realtime's own step, and so stopped before it.
    services.lifecycle.add(
        Step("sockets", lambda: None, lambda: _close_sockets(socketio), stops_always=True)
    )


def _close_sockets(socketio: SocketIO) -> None:
    """Tell every client that the server ends; each open socket holds a server thread."""
    server = socketio.server
    for client in list(server.eio.sockets.values()):
        client.close(wait=False, reason=server.reason.SERVER_DISCONNECT)
    server.shutdown()
