"""Live settings."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.settings import (
    SettingsChangeSchema,
    SettingsSchema,
    TelegramTestSchema,
)
from backend.db.accounts import Role
from backend.services.channel_test import ChannelTest
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "settings", __name__, url_prefix="/api/settings", description="Settings in force while running"
)


@blueprint.route("/")
class LiveSettingsView(MethodView):
    """All live settings."""

    @require_role(Role.OPERATOR)
    @blueprint.response(200, SettingsSchema)
    def get(self) -> dict[str, Any]:
        """List the settings with bounds, defaults and last change; secrets never show."""
        return {"items": services().live_settings.views(current_actor())}

    @require_role(Role.ADMIN)
    @blueprint.arguments(SettingsChangeSchema)
    @blueprint.response(200, SettingsSchema)
    def put(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change settings together or not at all; running cameras follow at once."""
        actor = current_actor()
        services().live_settings.update(actor, changes)
        return {"items": services().live_settings.views(actor)}


@blueprint.route("/telegram/test", methods=["POST"])
@require_role(Role.ADMIN)
@blueprint.response(200, TelegramTestSchema)
def test_telegram() -> ChannelTest:
    """Send a test message with the stored token and chat id; ``ok`` says whether it went out."""
    return services().telegram_test.send(current_actor())
