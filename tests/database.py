"""A real database in memory with every table, for tests that need no web server."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from backend.db import accounts, alerts, calibrations, cameras, places
from backend.db.base import Base, configure_sqlite

TABLES = (
    accounts.User,
    alerts.Alert,
    calibrations.CalibrationVersion,
    cameras.Camera,
    places.PlaceSet,
)
"""Imported so that every table is known."""


def make_engine() -> Engine:
    """Return an engine on a fresh SQLite database shared by all threads of the test."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    configure_sqlite(engine)
    Base.metadata.create_all(engine)
    return engine
