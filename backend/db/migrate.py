"""Brings the database to the newest schema; a second start finds that out in one query."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

# PostgreSQL's advisory locks are numbered; MariaDB and MySQL wait up to two minutes.
_POSTGRES_LOCK = (
    "SELECT 1 FROM pg_advisory_lock(1668444023)",
    "SELECT pg_advisory_unlock(1668444023)",
)
_MYSQL_LOCK = (
    "SELECT GET_LOCK('crowdsafe_migrate', 120)",
    "SELECT RELEASE_LOCK('crowdsafe_migrate')",
)
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_PARENT = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


def newest_revision(migrations: Path) -> str:
    """Return the head of the revisions in ``migrations``, without importing them.

    Raises:
        RuntimeError: There is no revision, or more than one head.
    """
    texts = [path.read_text(encoding="utf-8") for path in (migrations / "versions").glob("*.py")]
    revisions = {name for content in texts for name in _REVISION.findall(content)}
    parents = {name for content in texts for name in _PARENT.findall(content)}
    heads = revisions - parents
    if len(heads) != 1:
        raise RuntimeError(f"expected one newest revision in {migrations}, found {sorted(heads)}")
    return str(heads.pop())


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at, None for an empty one."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def upgrade_database(engine: Engine, migrations: Path) -> bool:
    """Run all missing revisions; safe when several processes start at once.

    Args:
        engine: The database.
        migrations: Folder with env.py and versions/.

    Returns:
        Whether anything had to be done.
    """
    head = newest_revision(migrations)
    if current_revision(engine) == head:
        return False
    with _only_one(engine):
        if current_revision(engine) == head:
            return False
        with engine.connect() as connection:
            _run(connection, migrations)
    return True


def _run(connection: Connection, migrations: Path) -> None:
    from alembic import command  # noqa: PLC0415 - a second start does not need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    with tables_rebuilt_safely(connection):
        command.upgrade(config, "head")
        connection.commit()


@contextmanager
def tables_rebuilt_safely(connection: Connection) -> Iterator[None]:
    """Keep the rows that refer to a table which SQLite rebuilds; no effect on other databases.

    Rebuilding drops the old table, which would delete the rows that refer to it, or empty their
    reference. So foreign keys are off meanwhile. SQLite ignores that within a transaction: there
    must be none on ``connection``, and what is left of one afterwards is rolled back.

    Raises:
        RuntimeError: Rows refer to what is no longer there, and did not before.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    dangling_before = _dangling_references(connection)
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.rollback()  # ends what reading began, so that each revision has its own
    try:
        yield
        connection.rollback()
        dangling = _dangling_references(connection) - dangling_before
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.rollback()
    if dangling:
        raise RuntimeError(f"rows refer to what the migration took away: {sorted(dangling)[:5]}")


def _dangling_references(connection: Connection) -> set[tuple[str, str]]:
    """Return which tables have rows that refer to missing ones, as (table, referred table)."""
    found = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return {(row[0], row[2]) for row in found}


@contextmanager
def _only_one(engine: Engine) -> Iterator[None]:
    """Hold a lock of the database server, or of the file system for SQLite."""
    if engine.dialect.name == "sqlite":
        with _file_lock(engine.url.database):
            yield
        return
    take, release = _POSTGRES_LOCK if engine.dialect.name == "postgresql" else _MYSQL_LOCK
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.scalar(text(take)) != 1:
            raise RuntimeError("another process is migrating the database and does not finish")
        try:
            yield
        finally:
            try:
                connection.execute(text(release))
            except DBAPIError:  # the connection is gone, and the lock with it
                connection.invalidate()


@contextmanager
def _file_lock(database: str | None) -> Iterator[None]:
    if not database or database == ":memory:":
        yield
        return
    path = Path(f"{database}.migrate.lock")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
