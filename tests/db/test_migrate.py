"""One revision, three databases: the migrated schema is the one the tables declare."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, select
from sqlalchemy.orm import Session

import backend.db.alerts
import backend.db.calibrations
import backend.db.cameras  # noqa: F401 - registers the tables
from backend.db.accounts import AuditEntry, User
from backend.db.base import Base, configure_sqlite
from backend.db.engine import driver_url, engine_options
from backend.db.migrate import current_revision, newest_revision, upgrade_database
from tests.builders import EPOCH
from tests.databases import SERVERS, throw_away_database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'crowdsafe.db'}")
    configure_sqlite(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A throw-away database on a server of this machine."""
    with throw_away_database(request.param) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    # MariaDB stores JSON as LONGTEXT with a check; Alembic sees that as another type.
    return [item for item in found if not _is_json_alias(engine, item)]


def _is_json_alias(engine: Engine, item: Any) -> bool:
    if engine.dialect.name not in {"mysql", "mariadb"} or not isinstance(item, list):
        return False
    return all(
        change[0] == "modify_type" and change[6].__class__.__name__ == "JSON" for change in item
    )


def check_round_trip(engine: Engine) -> None:
    """Write and read what databases like to bend: microseconds, other scripts, JSON, doubles."""
    with Session(engine) as session, session.begin():
        user = User(
            username="zoë-管理",
            password_hash="x",
            role="admin",
            created_at=EPOCH.replace(microsecond=123456),
        )
        session.add(user)
        session.flush()
        session.add(AuditEntry(at=EPOCH, action="a", user_id=user.id, after={"ü": [1.5, None]}))
    with Session(engine) as session:
        found = session.scalars(select(User)).one()
        assert found.username == "zoë-管理"
        assert found.created_at == EPOCH.replace(microsecond=123456)
        assert found.is_active is True
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.after == {"ü": [1.5, None]}
    with Session(engine) as session, session.begin():
        session.delete(session.scalars(select(User)).one())
    with Session(engine) as session:
        assert session.scalars(select(AuditEntry)).one().user_id is None


def test_sqlite_reaches_the_declared_schema(sqlite: Engine) -> None:
    assert current_revision(sqlite) is None
    assert upgrade_database(sqlite, MIGRATIONS) is True
    assert current_revision(sqlite) == newest_revision(MIGRATIONS)
    assert differences(sqlite) == []
    check_round_trip(sqlite)


def test_a_second_upgrade_does_nothing(sqlite: Engine) -> None:
    upgrade_database(sqlite, MIGRATIONS)
    assert upgrade_database(sqlite, MIGRATIONS) is False


def test_foreign_keys_are_enforced_after_the_upgrade(sqlite: Engine) -> None:
    upgrade_database(sqlite, MIGRATIONS)
    with sqlite.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.service
@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_servers_reach_the_declared_schema(server: Engine) -> None:
    assert upgrade_database(server, MIGRATIONS) is True
    assert differences(server) == []
    check_round_trip(server)
    assert upgrade_database(server, MIGRATIONS) is False


@pytest.mark.service
@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_processes_that_start_together_migrate_once(server: Engine) -> None:
    done: list[bool] = []
    threads = [
        threading.Thread(target=lambda: done.append(upgrade_database(server, MIGRATIONS)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [False, False, False, True]
    assert "metrics" in inspect(server).get_table_names()


def test_one_newest_revision(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "a.py").write_text('revision = "1"\ndown_revision = None\n')
    (versions / "b.py").write_text('revision = "2"\ndown_revision = "1"\n')
    assert newest_revision(tmp_path) == "2"
    (versions / "c.py").write_text('revision = "3"\ndown_revision = "1"\n')
    with pytest.raises(RuntimeError, match="one newest revision"):
        newest_revision(tmp_path)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("mysql://u:p@h/d", "mysql+pymysql://u:p@h/d"),
        ("mariadb://u:p@h/d", "mariadb+pymysql://u:p@h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("sqlite:////x/y.db", "sqlite:////x/y.db"),
    ],
)
def test_the_installed_driver_is_named(given: str, expected: str) -> None:
    assert driver_url(given) == expected


def test_servers_get_tested_connections() -> None:
    assert engine_options("postgresql+psycopg://h/d", threads=10)["pool_pre_ping"] is True
    assert "pool_pre_ping" not in engine_options("sqlite:///x.db", threads=10)
