"""Shapes of the live settings; the input is generated from their registry."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from backend.api.schemas.common import InputSchema
from backend.services.live_settings import REGISTRY, Kind, LiveSetting

_ANY = {"description": "In the setting's kind"}


class SettingSchema(Schema):
    """One live setting with its bounds."""

    key = fields.String()
    section = fields.String(metadata={"description": "Heading on the settings page"})
    title = fields.String()
    effect = fields.String(metadata={"description": "What changing it does"})
    kind = fields.String(metadata={"enum": [kind.value for kind in Kind]})
    unit = fields.String()
    minimum = fields.Float(allow_none=True)
    maximum = fields.Float(allow_none=True)
    value = fields.Raw(allow_none=True, metadata={"description": "In force; null for secrets"})
    default = fields.Raw(allow_none=True, metadata=_ANY)
    is_set = fields.Boolean(metadata={"description": "Set here or in the environment"})
    changed_by = fields.String(allow_none=True)
    changed_at = fields.AwareDateTime(allow_none=True)


class SettingsSchema(Schema):
    """All live settings."""

    items = fields.List(fields.Nested(SettingSchema))


def _input_field(setting: LiveSetting) -> fields.Field[Any]:
    """Describe one setting; the value itself is checked by the service."""
    description = setting.effect
    if setting.kind in {Kind.NUMBER, Kind.INTEGER}:
        description += f" {setting.minimum:g} to {setting.maximum:g} {setting.unit}".rstrip() + "."
    schema_type = "string" if setting.kind in {Kind.TEXT, Kind.SECRET} else setting.kind.value
    return fields.Raw(
        allow_none=True, metadata={"description": description, "type": [schema_type, "null"]}
    )


class _SettingsInput(InputSchema):
    class Meta:
        unknown = RAISE


SettingsChangeSchema = _SettingsInput.from_dict(
    {setting.key: _input_field(setting) for setting in REGISTRY}, name="SettingsChangeSchema"
)
"""Any settings by key; null takes one back to its default."""


class TelegramTestSchema(Schema):
    """Outcome of a test message."""

    ok = fields.Boolean()
    message = fields.String(metadata={"description": "Sentence for a person"})
