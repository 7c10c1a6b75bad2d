"""Locations, floor plans, what was counted in locations, and their incidents.

Revision: 0007, after: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "floor_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("stored_name", sa.String(length=80), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_floor_plans"),
        sa.UniqueConstraint("name", name="uq_floor_plans_name"),
        sa.UniqueConstraint("stored_name", name="uq_floor_plans_stored_name"),
        sqlite_autoincrement=True,
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("cameras_see_all", sa.Boolean(), nullable=False),
        sa.Column("entry_valid_s", sa.Double(), nullable=False),
        sa.Column("floor_plan_id", sa.Integer(), nullable=True),
        sa.Column("map_x", sa.Double(), nullable=True),
        sa.Column("map_y", sa.Double(), nullable=True),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("overlaps", sa.JSON(), nullable=False),
        sa.Column("area_count", sa.Integer(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["floor_plan_id"],
            ["floor_plans.id"],
            name="fk_locations_floor_plan_id_floor_plans",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_locations"),
        sa.UniqueConstraint("name", name="uq_locations_name"),
        sqlite_autoincrement=True,
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_table(
        "location_areas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("map_outline", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_location_areas_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_location_areas_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zones.id"], name="fk_location_areas_zone_id_zones", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_location_areas"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index("ix_location_areas_location_id", "location_areas", ["location_id"])
    op.create_table(
        "location_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("is_reversed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera_id"],
            ["cameras.id"],
            name="fk_location_lines_camera_id_cameras",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["counting_lines.id"],
            name="fk_location_lines_line_id_counting_lines",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_location_lines_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_location_lines"),
    )
    op.create_index("ix_location_lines_location_id", "location_lines", ["location_id"])
    op.create_table(
        "location_balances",
        sa.Column("location_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Double(), nullable=False),
        sa.Column("count_in", sa.Integer(), nullable=False),
        sa.Column("count_out", sa.Integer(), nullable=False),
        sa.Column("since", UTC_TIME, nullable=False),
        sa.Column("unseen_s", sa.Double(), nullable=False),
        sa.Column("written_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_location_balances_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("location_id", name="pk_location_balances"),
    )
    op.create_table(
        "location_minutes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("count_min", sa.Double(), nullable=False),
        sa.Column("count_mean", sa.Double(), nullable=False),
        sa.Column("count_max", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("trust", sa.String(length=12), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_location_minutes_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_location_minutes"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index("ix_location_minutes_location_id_at", "location_minutes", ["location_id", "at"])
    op.create_table(
        "location_entries",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Double(), nullable=False),
        sa.Column("was", sa.Double(), nullable=True),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_location_entries_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_location_entries"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_index("ix_location_entries_location_id_at", "location_entries", ["location_id", "at"])
    op.add_column("alerts", sa.Column("location_id", sa.Integer(), nullable=True))
    op.create_index("ix_alerts_location_id", "alerts", ["location_id"])


def downgrade() -> None:
    op.drop_index("ix_alerts_location_id", table_name="alerts")
    with op.batch_alter_table("alerts") as batch:
        batch.drop_column("location_id")
    op.drop_table("location_entries")
    op.drop_table("location_minutes")
    op.drop_table("location_balances")
    op.drop_table("location_lines")
    op.drop_table("location_areas")
    op.drop_table("locations")
    op.drop_table("floor_plans")
