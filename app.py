"""The entry: ``python app.py`` sets up and serves, ``flask --app app`` has the commands."""

from __future__ import annotations

from flask import Flask

from backend.factory import create_app as build_app
from config import load_settings


def create_app() -> Flask:
    """Return the application for ``flask --app app``; starts nothing."""
    return build_app(load_settings())
