"""Commands of ``flask --app app``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

COMMAND_MODULES = ("users", "analyze", "run_detection")


def register(app: Flask) -> None:
    """Add every command to ``app``."""
    for name in COMMAND_MODULES:
        if find_spec(f"backend.cli.{name}") is not None:
            app.cli.add_command(import_module(f"backend.cli.{name}").command)
