"""What people counted themselves, beside what was measured.

Revision: 0009, after: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "spot_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("zone_name", sa.String(length=80), nullable=True),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("measured", sa.Double(), nullable=False),
        sa.Column("measured_low", sa.Double(), nullable=False),
        sa.Column("measured_high", sa.Double(), nullable=True),
        sa.Column("trust", sa.String(length=12), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_spot_counts_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_spot_counts"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index("ix_spot_counts_camera_id_at", "spot_counts", ["camera_id", "at"])


def downgrade() -> None:
    op.drop_table("spot_counts")
