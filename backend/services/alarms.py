"""Incidents and the ways they reach people, wired once."""

from __future__ import annotations

from collections.abc import Callable

from backend.core.camera import DEFAULT_OVERLAYS
from backend.notify.dispatcher import OutboxDispatcher
from backend.notify.telegram import TelegramAccount, TelegramChannel
from backend.pipeline.frame_hub import FrameHub
from backend.pipeline.picture_encoder import StreamVariant
from backend.risk.alert_params import AlertParams
from backend.services.alert_log import AlertLog
from backend.services.alerts import AlertManager
from backend.services.evidence import EvidenceStore
from backend.services.live_settings import LiveSettings
from backend.services.outbox import SqlOutbox
from backend.services.outlets import Foundation, Outlets

EVIDENCE_WIDTH = 1280


class Alarms:
    """Incidents and the ways they reach people."""

    def __init__(self, base: Foundation, outlets: Outlets) -> None:
        settings, clock = base.settings, base.clock
        self.telegram = TelegramChannel(
            base_url=settings.telegram_base_url,
            account=lambda: telegram_account(base.live_settings.current()),
            clock=clock,
        )
        self.evidence = EvidenceStore(
            settings.home / "instance" / "evidence", take_picture=_picture_taker(outlets.frames)
        )
        self.outbox = OutboxDispatcher(
            store=SqlOutbox(base.session_factory),
            channels={self.telegram.name: self.telegram},
            evidence_folder=self.evidence.folder,
            clock=clock,
        )
        self.manager = AlertManager(
            log=AlertLog(
                session_factory=base.session_factory,
                clock=clock,
                channels=lambda: [self.telegram.name] if self.telegram.is_configured else [],
                zone=settings.timezone,
            ),
            live=outlets.live,
            statuses=outlets.bus,
            evidence=self.evidence,
            events=outlets.events,
            wake_outbox=self.outbox.wake,
            clock=clock,
            params=AlertParams(),
        )


def telegram_account(live: LiveSettings) -> TelegramAccount | None:
    """Return the account set now, None unless token and chat are both there."""
    if not live.telegram_bot_token or not live.telegram_chat_id:
        return None
    return TelegramAccount(live.telegram_bot_token, live.telegram_chat_id)


def _picture_taker(frames: FrameHub) -> Callable[[int], bytes | None]:
    variant = StreamVariant(DEFAULT_OVERLAYS, EVIDENCE_WIDTH)

    def take(camera_id: int) -> bytes | None:
        encoded = frames.snapshot_jpeg(camera_id, variant)
        return None if encoded is None else encoded.jpeg

    return take
