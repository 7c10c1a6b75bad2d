"""Three databases: the migrated schema is the one the tables declare, and rows survive."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate, downgrade, upgrade
from sqlalchemy import JSON, Column, Engine, MetaData, create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db.accounts import AuditEntry, User
from backend.db.alerts import Alert, AlertEvent, Delivery
from backend.db.base import Base, configure_sqlite, db
from backend.db.calibrations import CalibrationVersion
from backend.db.cameras import AnalysisJob, Camera, Metric, Recording
from backend.db.engine import driver_url, engine_options
from backend.db.migrate import (
    current_revision,
    newest_revision,
    tables_rebuilt_safely,
    upgrade_database,
)
from backend.db.places import CountingLineRow, PlaceSet, ZoneRow
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


def first_version(tmp_path: Path) -> Path:
    """Return the migrations as they were when only the first revision existed."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (folder / "versions").glob("*.py"):
        if not file.name.startswith("0001"):
            file.unlink()
    return folder


def fill_first_version(engine: Engine) -> None:
    """Store what a first version had: a camera, its seconds, a job, a recording, an incident."""
    tables = MetaData()
    tables.reflect(engine)
    at = EPOCH.replace(tzinfo=None)
    rows: dict[str, dict[str, Any]] = {
        "users": {"id": 1, "username": "zoë", "password_hash": "x", "role": "admin"},
        "cameras": {"id": 1, "name": "Gate 門", "source_type": "rtsp", "owner_id": 1},
        "analysis_jobs": {"id": 1, "camera_id": 1, "state": "finished"},
        "metrics": {"id": 1, "camera_id": 1, "count": 7.5, "causes": [], "area_m2": 40.0},
        "recordings": {"id": 1, "camera_id": 1, "path": "a.mp4"},
        "alerts": {"id": 1, "camera_id": 1, "causes": [], "metrics": {}},
    }
    with engine.begin() as connection:
        for name, values in rows.items():
            table = tables.tables[name]
            needed = {c.name: _any_value(c, at) for c in table.columns if not c.nullable}
            # MariaDB's JSON is a text to those who look at it from outside
            texts = {
                name: json.dumps(value)
                for name, value in values.items()
                if isinstance(value, list | dict) and not isinstance(table.c[name].type, JSON)
            }
            connection.execute(table.insert(), needed | values | texts)


def _any_value(column: Column[Any], at: datetime) -> Any:
    if isinstance(column.type, JSON):
        return {}
    kinds = {datetime: at, bool: False, int: 1, float: 1.0, Decimal: 1}
    return kinds.get(column.type.python_type, "text")


def check_data_survives(engine: Engine, tmp_path: Path) -> None:
    assert upgrade_database(engine, first_version(tmp_path)) is True
    assert current_revision(engine) == "0001"
    fill_first_version(engine)
    assert upgrade_database(engine, MIGRATIONS) is True
    assert differences(engine) == []
    with Session(engine) as session, session.begin():
        camera = session.scalars(select(Camera)).one()
        assert (camera.name, camera.owner_id, camera.exits) == ("Gate 門", 1, [])
        assert (camera.detection_model, camera.detection_tiles) == (None, "")
        assert (camera.tracker, camera.is_moving) == ("botsort", False)
        camera.detection_model, camera.detection_tiles = "門-int8", "3x2"
        camera.tracker, camera.is_moving = "deepsort", True
        camera.exits = [{"width_m": 2.0, "kind": "level"}]
        metric = session.scalars(select(Metric)).one()
        assert (metric.camera_id, metric.count, metric.area_m2) == (1, 7.5, 40.0)
        assert (metric.moving_count, metric.stagnant, metric.quality) == (None, None, None)
        for table in (AnalysisJob, Recording, Alert):
            assert session.scalars(select(table)).one().camera_id == 1
        session.add(calibration(version=1, background=bytes(range(256)) * 300))
        session.add_all(places())
    with Session(engine) as session, session.begin():
        stored = session.scalars(select(CalibrationVersion)).one()
        assert stored.background == bytes(range(256)) * 300
        assert (stored.homography[0], stored.ended_at) == (0.1, None)
        zone = session.scalars(select(ZoneRow)).one()
        assert (zone.name, zone.corners[2], zone.count_limit) == ("Gate 門", [1 / 3, 1.0], 9)
        assert session.scalars(select(CountingLineRow)).one().end_x == 2 / 3
    with pytest.raises(IntegrityError), Session(engine) as session, session.begin():
        session.add(calibration(version=1))
    with Session(engine) as session, session.begin():
        session.delete(session.scalars(select(User)).one())
    with Session(engine) as session, session.begin():
        assert session.scalars(select(CalibrationVersion)).one().created_by is None
        session.delete(session.scalars(select(Camera)).one())
    with Session(engine) as session:
        for table in (CalibrationVersion, Metric, PlaceSet, ZoneRow, CountingLineRow):
            assert session.scalars(select(table)).all() == []
        assert session.scalars(select(Alert)).one().camera_id is None


def calibration(*, version: int, background: bytes | None = None) -> CalibrationVersion:
    return CalibrationVersion(
        camera_id=1,
        version=version,
        method="points",
        picture_width=640,
        picture_height=360,
        inputs={},
        homography=[0.1] * 9,
        length_spread=0.1,
        area_spread=0.1,
        area_m2=40.0,
        notes=["ü"],
        background=background,
        created_at=EPOCH,
        created_by=1,
    )


def places() -> tuple[Base, ...]:
    """Return a zone and a line of camera 1, with the version they belong to."""
    return (
        PlaceSet(camera_id=1, version=1),
        ZoneRow(
            camera_id=1,
            position=0,
            name="Gate 門",
            corners=[[0.0, 0.0], [1.0, 0.0], [1 / 3, 1.0]],
            profile="queue",
            colour="#4ea1ff",
            count_limit=9,
        ),
        CountingLineRow(
            camera_id=1,
            position=0,
            name="Door",
            start_x=0.0,
            start_y=0.0,
            end_x=2 / 3,
            end_y=1.0,
            colour="#ffb454",
        ),
    )


def move_to(engine: Engine, revision: str) -> None:
    """Run migrations up or down to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    is_up = (current_revision(engine) or "") < revision
    with engine.connect() as connection, tables_rebuilt_safely(connection):
        config.attributes["connection"] = connection
        (command.upgrade if is_up else command.downgrade)(config, revision)
        connection.commit()
    engine.dispose()


def check_places_come_and_go(engine: Engine, tmp_path: Path) -> None:
    """Places go with their migration, the camera stays, and there is room for new ones."""
    upgrade_database(engine, first_version(tmp_path))
    fill_first_version(engine)
    before = set(inspect(engine).get_table_names())
    for _ in range(2):
        upgrade_database(engine, MIGRATIONS)
        with Session(engine) as session, session.begin():
            session.add_all(places())
        move_to(engine, "0004")
        assert not {"place_sets", "zones", "counting_lines"} & set(
            inspect(engine).get_table_names()
        )
    move_to(engine, "0005")
    move_to(engine, "0001")
    assert set(inspect(engine).get_table_names()) == before
    upgrade_database(engine, MIGRATIONS)
    assert differences(engine) == []
    with Session(engine) as session, session.begin():
        assert session.scalars(select(Camera)).one().name == "Gate 門"
        assert session.scalars(select(Metric)).one().count == 7.5
        assert session.scalars(select(ZoneRow)).all() == []


def add_incident(engine: Engine) -> None:
    """Store an incident with a line of its timeline and a notification."""
    with Session(engine) as session, session.begin():
        incident = Alert(
            place_name="Gate 門",
            family="crowding",
            level=2,
            peak_level=2,
            cause="density",
            message="Dense.",
            causes=[],
            metrics={},
            trust="ok",
            opened_at=EPOCH,
            updated_at=EPOCH,
        )
        session.add(incident)
        session.flush()
        session.add(AlertEvent(alert_id=incident.id, at=EPOCH, kind="opened", detail={}))
        session.add(
            Delivery(
                alert_id=incident.id,
                channel="mail",
                dedupe_key="1",
                payload={},
                created_at=EPOCH,
                next_attempt_at=EPOCH,
            )
        )


def references_to_incidents(engine: Engine) -> dict[str, list[int | None]]:
    """Return the incidents' ids, and those that timelines and notifications name."""
    queries = {
        "alerts": "SELECT id FROM alerts",
        "alert_events": "SELECT alert_id FROM alert_events",
        "deliveries": "SELECT alert_id FROM deliveries",
    }
    with engine.connect() as connection:
        return {
            name: list(connection.execute(text(query)).scalars()) for name, query in queries.items()
        }


def test_a_downgrade_by_hand_keeps_timelines_and_notifications(tmp_path: Path) -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'crowdsafe.db'}"
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        configure_sqlite(db.engine)
        upgrade()
        assert differences(db.engine) == []
        add_incident(db.engine)
        kept = {"alerts": [1], "alert_events": [1], "deliveries": [1]}
        for revision in ("0005", "0004", "0003", "0002", "0001"):
            downgrade(revision=revision)
            assert current_revision(db.engine) == revision
            assert references_to_incidents(db.engine) == kept
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        upgrade()
        assert references_to_incidents(db.engine) == kept
        db.engine.dispose()


def test_rows_a_migration_leaves_without_what_they_name_are_told(sqlite: Engine) -> None:
    upgrade_database(sqlite, MIGRATIONS)
    add_incident(sqlite)
    with sqlite.connect() as connection:
        with (
            pytest.raises(RuntimeError, match="alert_events"),
            tables_rebuilt_safely(connection),
        ):
            connection.execute(text("DELETE FROM alerts"))
            connection.commit()
        with tables_rebuilt_safely(connection):  # what was so before is no reason to stop
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        with pytest.raises(ValueError, match="fails"), tables_rebuilt_safely(connection):
            connection.execute(text("DELETE FROM deliveries"))
            raise ValueError("it fails")
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert references_to_incidents(sqlite)["deliveries"] == [1]


def check_ids_of_zones(engine: Engine) -> None:
    """Ids of a migrated database are never given again."""
    upgrade_database(engine, MIGRATIONS)
    with Session(engine) as session, session.begin():
        session.add(Camera(name="A", source_type="rtsp", created_at=EPOCH, updated_at=EPOCH))
        session.flush()
        _, zone, line = places()
        session.add_all([zone, line])
        session.flush()
        session.delete(zone)
        session.delete(line)
    with Session(engine) as session, session.begin():
        session.add_all(places()[1:])
        session.flush()
        assert session.scalars(select(ZoneRow.id)).all() == [2]
        assert session.scalars(select(CountingLineRow.id)).all() == [2]


def test_places_come_and_go(sqlite: Engine, tmp_path: Path) -> None:
    check_places_come_and_go(sqlite, tmp_path)


@pytest.mark.service
@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_places_come_and_go_on_servers(server: Engine, tmp_path: Path) -> None:
    check_places_come_and_go(server, tmp_path)


def test_ids_of_places_in_a_migrated_database(sqlite: Engine) -> None:
    check_ids_of_zones(sqlite)


@pytest.mark.service
@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_ids_of_places_in_a_migrated_server(server: Engine) -> None:
    check_ids_of_zones(server)


def test_rows_of_the_first_version_survive_the_upgrade(sqlite: Engine, tmp_path: Path) -> None:
    check_data_survives(sqlite, tmp_path)


@pytest.mark.service
@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_rows_on_servers_survive_the_upgrade(server: Engine, tmp_path: Path) -> None:
    check_data_survives(server, tmp_path)


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
