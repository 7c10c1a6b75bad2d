"""Commands of ``flask --app app``."""

from __future__ import annotations

from flask import Flask

from backend.cli import users


def register(app: Flask) -> None:
    """Add every command to ``app``."""
    app.cli.add_command(users.command)
