"""Calibrations, exits, and columns for every measurement.

Revision: 0002, after: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
BLOB = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def _metric_columns() -> tuple[sa.Column[object], ...]:
    """Return the new columns; empty in older rows, for which nothing of it was measured."""
    return (
        sa.Column("voronoi_density_per_m2", sa.Double(), nullable=True),
        sa.Column("level_of_service", sa.String(length=1), nullable=True),
        sa.Column("speed_ratio", sa.Double(), nullable=True),
        sa.Column("motion_source", sa.String(length=16), nullable=True),
        sa.Column("moving_count", sa.Integer(), nullable=True),
        sa.Column("rapid_count", sa.Integer(), nullable=True),
        sa.Column("pressure_density_per_m2", sa.Double(), nullable=True),
        sa.Column("oscillation_period_s", sa.Double(), nullable=True),
        sa.Column("oscillation_strength", sa.Double(), nullable=True),
        sa.Column("oscillation_handedness", sa.String(length=16), nullable=True),
        sa.Column("surge_significant", sa.Boolean(), nullable=True),
        sa.Column("stagnant", sa.Boolean(), nullable=True),
        sa.Column("net_inflow_per_s", sa.Double(), nullable=True),
        sa.Column("time_to_capacity_s", sa.Double(), nullable=True),
        sa.Column("egress_time_s", sa.Double(), nullable=True),
        sa.Column("calibration_version", sa.Integer(), nullable=True),
        sa.Column("quality", sa.JSON(), nullable=True),
    )


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("picture_width", sa.Integer(), nullable=False),
        sa.Column("picture_height", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("homography", sa.JSON(), nullable=False),
        sa.Column("rms_error_m", sa.Double(), nullable=True),
        sa.Column("length_spread", sa.Double(), nullable=False),
        sa.Column("area_spread", sa.Double(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("background", BLOB, nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("source_changed_at", UTC_TIME, nullable=True),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_calibrations_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
            name="fk_calibrations_created_by_users",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
        sa.UniqueConstraint("camera_id", "version", name="uq_calibrations_camera_id"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    # MySQL takes a default of a JSON column only as an expression, SQLite only without brackets.
    is_mysql = op.get_bind().dialect.name in {"mysql", "mariadb"}
    none_yet = sa.text("('[]')" if is_mysql else "'[]'")
    op.add_column("cameras", sa.Column("exits", sa.JSON(), nullable=False, server_default=none_yet))
    for column in _metric_columns():
        op.add_column("metrics", column)


def downgrade() -> None:
    with op.batch_alter_table("metrics") as batch:
        for column in _metric_columns():
            batch.drop_column(column.name)
    with op.batch_alter_table("cameras") as batch:
        batch.drop_column("exits")
    op.drop_table("calibrations")
