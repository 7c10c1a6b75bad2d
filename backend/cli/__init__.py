"""Commands of ``flask --app app``."""

from __future__ import annotations

from flask import Flask

from backend.cli import analyze, models, run_detection, users


def register(app: Flask) -> None:
    """Add every command to ``app``."""
    for module in (users, analyze, run_detection, models):
        app.cli.add_command(module.command)
