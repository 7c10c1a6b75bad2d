"""Values in the paths of routes."""

from __future__ import annotations

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID: Final = 2**63 - 1


class IdConverter(IntegerConverter):
    """``<int:…>`` that databases can be asked for; larger numbers lead nowhere (404)."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the library's name for it
        super().__init__(map, min=0, max=LARGEST_ID)


def install_converters(app: Flask) -> None:
    """Replace the converter behind ``<int:…>``; before any route is added."""
    app.url_map.converters["int"] = IdConverter
