"""The database address as this project spells it: which driver, how many connections."""

from __future__ import annotations

from typing import Any

from sqlalchemy import make_url

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


def driver_url(url: str) -> str:
    """Return ``url`` with the driver CrowdSafe installs where none is named.

    Example: ``postgres://u:p@db/crowdsafe`` becomes ``postgresql+psycopg://u:p@db/crowdsafe``.
    """
    scheme, separator, rest = url.partition("://")
    return f"{_DRIVERS.get(scheme, scheme)}{separator}{rest}"


def engine_options(url: str, *, threads: int) -> dict[str, Any]:
    """Return pool options: a connection for every thread at worst, few kept open.

    A connection is tested before use, because a database server may have been restarted.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return {"pool_size": 8, "max_overflow": threads}
    return {
        "pool_size": 8,
        "max_overflow": threads,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
    }
