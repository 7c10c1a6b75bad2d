"""Throw-away databases on the servers of this machine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from backend.db.base import Base, SessionFactory, configure_sqlite, make_session_factory
from tests.conftest import unavailable

_ADDRESSES = {
    "postgresql": ("postgresql+psycopg://postgres@127.0.0.1:5432", "/postgres"),
    "mariadb": ("mariadb+pymysql://root@127.0.0.1:3306", "/"),
}
SERVERS = tuple(_ADDRESSES)
ON_EVERY_DATABASE = pytest.mark.parametrize(
    "database",
    ["sqlite", *(pytest.param(kind, marks=pytest.mark.service) for kind in SERVERS)],
    indirect=True,
)
"""Runs a module's tests on each; its fixture ``database`` gets the kind as ``request.param``."""


@contextmanager
def throw_away_database(kind: str) -> Iterator[str]:
    """Yield the URL of a new, empty database; it is dropped afterwards.

    Skips the test (fails it in strict mode) where the server does not answer.
    """
    base, administration = _ADDRESSES[kind]
    name = f"crowdsafe_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(base + administration, isolation_level="AUTOCOMMIT")
    try:
        try:
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
        except OperationalError:
            unavailable(f"{kind} on 127.0.0.1 does not answer")
        try:
            yield f"{base}/{name}"
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name}"))
    finally:
        admin.dispose()


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[SessionFactory]:
    """Yield sessions on a database with all tables and no rows; SQLite's lies in ``folder``."""
    address = (
        nullcontext(f"sqlite:///{folder / 'crowdsafe.db'}")
        if kind == "sqlite"
        else throw_away_database(kind)
    )
    with address as url:
        engine = create_engine(url)
        configure_sqlite(engine)
        Base.metadata.create_all(engine)
        yield make_session_factory(engine)
        engine.dispose()
