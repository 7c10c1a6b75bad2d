"""What counted the people of a stored second: boxes, the density map, or both.

Revision: 0004, after: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _columns() -> tuple[sa.Column[object], ...]:
    """Return the new columns; empty in older rows, which do not say what counted."""
    return (
        sa.Column("count_method", sa.String(length=8), nullable=True),
        sa.Column("map_share", sa.Double(), nullable=True),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("metrics", column)


def downgrade() -> None:
    with op.batch_alter_table("metrics") as batch:
        for column in _columns():
            batch.drop_column(column.name)
