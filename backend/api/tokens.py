"""Access and refresh tokens: how a proven session travels in cookies and headers."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
    verify_jwt_in_request,
)

from backend.api.problems import domain_problem
from backend.core.errors import AuthenticationError
from backend.services.accounts import SignIn
from backend.services.actor import Identity
from backend.web.context import services

_EXPIRED = "The access token has expired; refresh it or log in again."
_MISSING = "Please log in."
_WRONG = "The token is not valid."


def install_tokens(app: Flask) -> JWTManager:
    """Set up Flask-JWT-Extended so that its refusals join the other problems."""
    manager = JWTManager(app)

    @manager.unauthorized_loader
    def _missing(_reason: str) -> Any:
        return domain_problem(AuthenticationError(_MISSING))

    @manager.expired_token_loader
    def _expired(_header: dict[str, Any], _claims: dict[str, Any]) -> Any:
        return domain_problem(AuthenticationError(_EXPIRED))

    @manager.invalid_token_loader
    def _invalid(_reason: str) -> Any:
        return domain_problem(AuthenticationError(_WRONG))

    return manager


def issue_tokens(sign_in: SignIn) -> tuple[str, str]:
    """Return the access and the refresh token of a session."""
    identity = str(sign_in.user.id)
    claims = {"sid": sign_in.session_id}
    access = create_access_token(identity, additional_claims=claims)
    refresh = create_refresh_token(
        identity, additional_claims={**claims, "jti": sign_in.refresh_jti}
    )
    return access, refresh


def set_token_cookies(answer: Response, access: str, refresh: str) -> None:
    """Put both tokens in httpOnly cookies, their CSRF values in readable ones."""
    set_access_cookies(answer, access)
    set_refresh_cookies(answer, refresh)


def clear_token_cookies(answer: Response) -> None:
    """Take all token cookies away."""
    unset_jwt_cookies(answer)


def identify_request() -> Identity:
    """Return who makes this request, from the Bearer header or the access cookie.

    Raises:
        AuthenticationError: The session has ended. Missing and malformed tokens raise
            Flask-JWT-Extended's own errors.
    """
    verify_jwt_in_request()
    claims = get_jwt()
    return services().accounts.identify(
        session_id=_text_claim(claims, "sid"), user_id=_user_id(claims)
    )


def rotate_request() -> SignIn:
    """Exchange the refresh token of this request for the next one.

    Raises:
        AuthenticationError: Revoked, expired or reused.
    """
    verify_jwt_in_request(refresh=True)
    claims = get_jwt()
    return services().accounts.rotate(
        session_id=_text_claim(claims, "sid"),
        user_id=_user_id(claims),
        refresh_jti=_text_claim(claims, "jti"),
    )


def has_refresh_cookie(cookies: Any) -> bool:
    """Return whether a page request can be carried on by its refresh cookie."""
    return bool(cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"]))


def _user_id(claims: dict[str, Any]) -> int:
    try:
        return int(claims["sub"])
    except (KeyError, TypeError, ValueError) as error:
        raise AuthenticationError(_WRONG) from error


def _text_claim(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise AuthenticationError(_WRONG)
    return value
