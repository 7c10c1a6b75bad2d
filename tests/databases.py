"""Throw-away databases on the servers of this machine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.conftest import unavailable

_ADDRESSES = {
    "postgresql": ("postgresql+psycopg://postgres@127.0.0.1:5432", "/postgres"),
    "mariadb": ("mariadb+pymysql://root@127.0.0.1:3306", "/"),
}
SERVERS = tuple(_ADDRESSES)


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
