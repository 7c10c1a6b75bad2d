"""Which place feeds which, and the action card of each place.

Revision: 0008, after: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "place_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source_zone_id", sa.Integer(), nullable=True),
        sa.Column("source_location_id", sa.Integer(), nullable=True),
        sa.Column("target_zone_id", sa.Integer(), nullable=True),
        sa.Column("target_location_id", sa.Integer(), nullable=True),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("is_line_reversed", sa.Boolean(), nullable=False),
        sa.Column("is_gate", sa.Boolean(), nullable=False),
        sa.Column("walk_s", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["counting_lines.id"],
            name="fk_place_links_line_id_counting_lines",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["source_location_id"],
            ["locations.id"],
            name="fk_place_links_source_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_zone_id"],
            ["zones.id"],
            name="fk_place_links_source_zone_id_zones",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_location_id"],
            ["locations.id"],
            name="fk_place_links_target_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_zone_id"],
            ["zones.id"],
            name="fk_place_links_target_zone_id_zones",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_place_links"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )
    op.create_table(
        "action_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("hold_gate", sa.Text(), nullable=False),
        sa.Column("open_route", sa.Text(), nullable=False),
        sa.Column("pa_text", sa.Text(), nullable=False),
        sa.Column("person_on_duty", sa.Text(), nullable=False),
        sa.Column("updated_at", UTC_TIME, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_action_cards_location_id_locations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zones.id"], name="fk_action_cards_zone_id_zones", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action_cards"),
        sa.UniqueConstraint("location_id", name="uq_action_cards_location_id"),
        sa.UniqueConstraint("zone_id", name="uq_action_cards_zone_id"),
        mysql_default_charset="utf8mb4",
        mariadb_default_charset="utf8mb4",
    )


def downgrade() -> None:
    op.drop_table("action_cards")
    op.drop_table("place_links")
