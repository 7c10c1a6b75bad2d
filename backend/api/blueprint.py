"""Blueprints of the API: unknown query parameters are refused like unknown JSON fields."""

from __future__ import annotations

import flask_smorest
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """A parser that never passes over what it does not know."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - as the library declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "json": RAISE,
    }


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with `StrictParser`."""

    ARGUMENTS_PARSER = StrictParser()
