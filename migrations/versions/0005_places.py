"""Zones and counting lines of cameras.

Revision: 0005, after: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_sets",
        sa.Column("camera_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_place_sets_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("camera_id", name="pk_place_sets"),
    )
    op.create_table(
        "zones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("corners", sa.JSON(), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("count_limit", sa.Integer(), nullable=True),
        sa.Column("density_limit_per_m2", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["cameras.id"], name="fk_zones_camera_id_cameras", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_zones"),
        sqlite_autoincrement=True,
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index("ix_zones_camera_id_position", "zones", ["camera_id", "position"])
    op.create_table(
        "counting_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("start_x", sa.Double(), nullable=False),
        sa.Column("start_y", sa.Double(), nullable=False),
        sa.Column("end_x", sa.Double(), nullable=False),
        sa.Column("end_y", sa.Double(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_counting_lines_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_counting_lines"),
        sqlite_autoincrement=True,
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index(
        "ix_counting_lines_camera_id_position", "counting_lines", ["camera_id", "position"]
    )


def downgrade() -> None:
    op.drop_table("counting_lines")
    op.drop_table("zones")
    op.drop_table("place_sets")
