"""The OpenAPI document, its page and the blueprints it describes."""

from __future__ import annotations

from flask import Flask, render_template
from flask_smorest import Api

from backend.api import (
    alerts,
    auth,
    calibration,
    cameras,
    detection,
    floor_plans,
    locations,
    metrics,
    place_graph,
    places,
    recordings,
    settings,
    spot_counts,
    system,
    uploads,
    users,
)
from backend.api.problems import ProblemSchema
from backend.db.accounts import Role
from backend.web.context import require_role

BLUEPRINTS = (
    auth.blueprint,
    users.blueprint,
    settings.blueprint,
    system.blueprint,
    cameras.blueprint,
    calibration.blueprint,
    places.blueprint,
    place_graph.blueprint,
    uploads.blueprint,
    floor_plans.blueprint,
    detection.blueprint,
    locations.blueprint,
    metrics.blueprint,
    alerts.blueprint,
    recordings.blueprint,
    spot_counts.blueprint,
)

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "access_token_cookie"},
    "refreshCookie": {"type": "apiKey", "in": "cookie", "name": "refresh_token_cookie"},
}


class ProblemApi(Api):
    """flask-smorest whose errors are those of ``api/problems.py``."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave all error handling to `install_problems`."""


def install_api(app: Flask) -> None:
    """Register every blueprint of the API, the OpenAPI document and the page that shows it."""
    api = ProblemApi(app)
    for name, scheme in _SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.add_url_rule("/api/docs", "api_docs", _docs)


@require_role(Role.VIEWER)
def _docs() -> str:
    """Show the interactive documentation (Swagger UI, from this server)."""
    return render_template("api_docs.html")
