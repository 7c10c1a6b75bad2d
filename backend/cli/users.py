"""``flask --app app users``: accounts, for somebody who has the machine but no log-in."""

from __future__ import annotations

import secrets

import click
from flask.cli import AppGroup

from backend.core.errors import CrowdSafeError
from backend.db.accounts import Role
from backend.services.actor import SYSTEM_ACTOR
from backend.services.users import NewUser
from backend.web.context import services

command = AppGroup("users", help="List accounts, create them, set passwords.")


@command.command("list")
def list_users() -> None:
    """List all accounts."""
    page, total = 1, 1
    while (page - 1) * 100 < total:
        rows, total = services().users.page(SYSTEM_ACTOR, page=page, per_page=100)
        for row in rows:
            state = "" if row.is_active else "  (deactivated)"
            click.echo(f"{row.username:<24} {row.role}{state}")
        page += 1


@command.command("create")
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.VIEWER.value,
    show_default=True,
)
def create_user(username: str, role: str) -> None:
    """Create USERNAME with a made-up password, shown once."""
    password = secrets.token_urlsafe(12)
    try:
        services().users.create(
            SYSTEM_ACTOR, NewUser(username=username, password=password, role=Role(role))
        )
    except CrowdSafeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{username} may log in with the password {password}")
    click.echo("It has to be changed at the first log-in.")


@command.command("reset-password")
@click.argument("username", default="admin")
@click.option("--ask", is_flag=True, help="Type the new password in instead of making one up.")
def reset_password(username: str, ask: bool) -> None:
    """Set a new password for USERNAME (admin by default) and end all its sessions.

    The account is activated; the password has to be changed at the next log-in.
    """
    password = (
        click.prompt("New password", hide_input=True, confirmation_prompt=True)
        if ask
        else secrets.token_urlsafe(12)
    )
    try:
        services().users.reset_password(SYSTEM_ACTOR, username, password)
    except CrowdSafeError as error:
        raise click.ClickException(str(error)) from error
    if not ask:
        click.echo(f"{username} may log in with the password {password}")
    click.echo("It has to be changed at the next log-in.")
