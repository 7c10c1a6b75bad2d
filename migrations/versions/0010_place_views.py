"""What zones and lines were drawn in: landmarks of the scene, and whether it is another by now.

Revision: 0010, after: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
BLOB = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def _columns() -> tuple[sa.Column[object], ...]:
    """Return the new columns; empty in older rows, of which nobody wrote that down."""
    return (
        sa.Column("confirmed_at", UTC_TIME, nullable=True),
        sa.Column("background", BLOB, nullable=True),
        sa.Column("source_changed_at", UTC_TIME, nullable=True),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("place_sets", column)


def downgrade() -> None:
    with op.batch_alter_table("place_sets") as batch:
        for column in _columns():
            batch.drop_column(column.name)
