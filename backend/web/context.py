"""What a view may ask of the request it serves: services, acting user, permission.

Every request but the public ones is authenticated before its view runs (``api/guard.py``);
``require_role`` then decides whether this user may use this route.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app, g

from backend.core.errors import AuthenticationError
from backend.db.accounts import Role
from backend.services.actor import Actor, Identity
from backend.services.container import Services

P = ParamSpec("P")
R = TypeVar("R")


def services() -> Services:
    """Return the services of the running application."""
    return cast(Services, current_app.extensions["crowdsafe"])


def current_identity() -> Identity:
    """Return the acting user with the log-in session.

    Raises:
        AuthenticationError: Nobody is logged in on this request.
    """
    identity: Identity | None = g.get("identity")
    if identity is None:
        raise AuthenticationError("Please log in.")
    return identity


def optional_identity() -> Identity | None:
    """Return the acting user on a public route, None when nobody is logged in."""
    identity: Identity | None = g.get("identity")
    return identity


def current_actor() -> Actor:
    """Return the acting user.

    Raises:
        AuthenticationError: Nobody is logged in on this request.
    """
    return current_identity().actor


def require_role(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for users whose role includes ``role``.

    Stands right below ``@blueprint.route`` (or is the topmost decorator of a method of a
    ``MethodView``), so that permission is checked before any input is read.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            current_actor().require(role)
            return view(*args, **kwargs)

        documented: Any = guarded
        documented.required_role = role
        document = dict(getattr(guarded, "_apidoc", {}))
        manual = dict(document.get("manual_doc", {}))
        manual["security"] = [{"bearer": []}, {"cookie": []}]
        manual["x-required-role"] = role.value
        document["manual_doc"] = manual
        documented._apidoc = document
        return guarded

    return decorate
