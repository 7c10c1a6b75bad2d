"""Blueprints of the API: unknown query parameters are refused like unknown JSON fields."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Request
from marshmallow import RAISE, Schema, missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from backend.api.json_body import UnusableBodyError, parse_body


class StrictParser(FlaskParser):
    """A parser that never passes over what it does not know."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - as the library declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "json": RAISE,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the JSON body; raises BadRequest for one that `parse_body` refuses."""
        if not req.is_json:
            return missing
        body = req.get_data(cache=True)
        if not body:
            return missing
        try:
            return parse_body(body)
        except UnusableBodyError as error:
            raise BadRequest(str(error)) from error


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with `StrictParser`."""

    ARGUMENTS_PARSER = StrictParser()
