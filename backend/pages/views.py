"""Page routes: each renders its template and hands the module its page configuration."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.db.accounts import Role
from backend.services.map_tiles import tile_server
from backend.web.content_policy import HEADER, content_policy
from backend.web.context import (
    current_actor,
    current_identity,
    optional_identity,
    require_role,
    services,
)

blueprint = Blueprint("pages", __name__)

OWN_ASSETS = ("/static/js/", "/static/css/", "/static/img/")


@blueprint.after_app_request
def _revalidate_own_assets(answer: Response) -> Response:
    """Let browsers ask before reusing our modules: they import each other without a version.

    After an update a page must never run with half of its modules from the version before.
    """
    if request.path.startswith(OWN_ASSETS):
        answer.headers["Cache-Control"] = "no-cache"
    return answer


def _page(name: str, title: str, *, active: str = "", **params: object) -> str:
    """Render the page ``name`` with the JSON its module starts from."""
    identity = current_identity()
    user = {
        "id": identity.actor.user_id,
        "username": identity.actor.username,
        "role": identity.actor.role.value,
        "must_change_password": identity.must_change_password,
    }
    return render_template(
        f"{name}.html",
        title=title,
        script=name,
        active=active or name,
        config_json={"page": name, "user": user, "params": params},
    )


@blueprint.get("/login")
def login() -> str | AnyResponse:
    """Show the log-in form; who is logged in already goes on."""
    if optional_identity() is not None:
        return redirect("/")
    return render_template("login.html", title="Log in", script="login")


@blueprint.get("/")
@require_role(Role.VIEWER)
def dashboard() -> str:
    """Show the wall of cameras with the open alerts."""
    return _page("dashboard", "Dashboard")


@blueprint.get("/cameras")
@require_role(Role.VIEWER)
def cameras() -> str:
    """Show the list of cameras and recordings."""
    return _page("cameras", "Cameras")


@blueprint.get("/cameras/<int:camera_id>")
@require_role(Role.VIEWER)
def camera(camera_id: int) -> str:
    """Show one camera."""
    found = services().cameras.get(current_actor(), camera_id)
    return _page("camera", found.name, active="cameras", camera_id=camera_id)


@blueprint.get("/cameras/<int:camera_id>/calibration")
@require_role(Role.OPERATOR)
def calibration(camera_id: int) -> str:
    """Show the editor of a camera's calibration."""
    found = services().cameras.get(current_actor(), camera_id)
    return _page("calibration", f"Calibrate {found.name}", active="cameras", camera_id=camera_id)


@blueprint.get("/cameras/<int:camera_id>/places")
@require_role(Role.VIEWER)
def places(camera_id: int) -> str:
    """Show a camera's zones and lines, to be edited by who may."""
    found = services().cameras.get(current_actor(), camera_id)
    title = f"Zones and lines of {found.name}"
    return _page("places", title, active="cameras", camera_id=camera_id)


@blueprint.get("/locations")
@require_role(Role.VIEWER)
def locations() -> str:
    """Show the list of locations."""
    return _page("locations", "Locations")


@blueprint.get("/locations/<int:location_id>")
@require_role(Role.VIEWER)
def location(location_id: int) -> str:
    """Show one location."""
    found = services().locations.get(location_id)
    return _page("location", found.name, active="locations", location_id=location_id)


@blueprint.get("/map")
@require_role(Role.VIEWER)
def site_map() -> Response:
    """Show where the locations are; it alone may show pictures of a server of map tiles."""
    tiles = tile_server(services().live_settings.current())
    shown = tiles and {"template": tiles.template, "attribution": tiles.attribution}
    answer = make_response(_page("map", "Map", tiles=shown))
    answer.headers[HEADER] = content_policy(pictures_from=tiles.origin if tiles else "")
    return answer


@blueprint.get("/graph")
@require_role(Role.VIEWER)
def graph() -> str:
    """Show which place feeds which, and how long each has got."""
    return _page("graph", "Place graph")


@blueprint.get("/alerts")
@require_role(Role.VIEWER)
def alerts() -> str:
    """Show the incidents."""
    return _page("alerts", "Alerts")


@blueprint.get("/recordings")
@require_role(Role.VIEWER)
def recordings() -> str:
    """Show the recorded segments."""
    return _page("recordings", "Recordings")


@blueprint.get("/settings")
@require_role(Role.OPERATOR)
def settings() -> str:
    """Show the live settings."""
    return _page("settings", "Settings")


@blueprint.get("/users")
@require_role(Role.ADMIN)
def users() -> str:
    """Show the accounts."""
    return _page("users", "Users")


@blueprint.get("/profile")
@require_role(Role.VIEWER)
def profile() -> str:
    """Show one's own account; at the first log-in only the change of the password."""
    if current_identity().must_change_password:
        return _page("password", "Choose your own password")
    return _page("profile", "Profile")


@blueprint.get("/system")
@require_role(Role.OPERATOR)
def system() -> str:
    """Show the health of the system."""
    return _page("system", "System")
