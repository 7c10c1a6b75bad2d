"""The zone of a camera that an incident is about.

Revision: 0006, after: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _columns() -> tuple[sa.Column[object], ...]:
    """Return the new columns; empty in older rows, which are about cameras as a whole."""
    return (
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("zone_name", sa.String(length=80), nullable=True),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("alerts", column)


def downgrade() -> None:
    with op.batch_alter_table("alerts") as batch:
        for column in _columns():
            batch.drop_column(column.name)
