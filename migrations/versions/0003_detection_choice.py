"""How people are found and followed, camera by camera.

Revision: 0003, after: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _columns() -> tuple[sa.Column[object], ...]:
    """Return the new columns; cameras that are there already go on as they did."""
    return (
        sa.Column("detection_model", sa.String(length=120), nullable=True),
        sa.Column("detection_tiles", sa.String(length=8), nullable=False, server_default=""),
        sa.Column("tracker", sa.String(length=16), nullable=False, server_default="botsort"),
        sa.Column("is_moving", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def upgrade() -> None:
    for column in _columns():
        op.add_column("cameras", column)


def downgrade() -> None:
    with op.batch_alter_table("cameras") as batch:
        for column in _columns():
            batch.drop_column(column.name)
