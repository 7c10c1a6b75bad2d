"""How Alembic reaches the database.

Two ways in: ``backend.db.migrate`` hands over an open connection, made ready for it;
``flask --app app db`` brings the application, whose engine is used.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

import backend.db.accounts
import backend.db.alerts
import backend.db.calibrations
import backend.db.cameras
import backend.db.locations
import backend.db.place_graph
import backend.db.places
import backend.db.spot_counts  # noqa: F401 - the imports register the tables
from backend.db.base import Base
from backend.db.migrate import tables_rebuilt_safely


def run_on(connection: Connection) -> None:
    """Run the asked-for revisions on ``connection``."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    from flask import current_app

    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"],
        target_metadata=Base.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
elif (given := context.config.attributes.get("connection")) is not None:
    run_on(given)
else:
    from flask import current_app

    with (
        current_app.extensions["migrate"].db.engine.connect() as own,
        tables_rebuilt_safely(own),
    ):
        run_on(own)
