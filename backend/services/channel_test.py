"""Trying a notification channel: does a message arrive?"""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.clock import Clock
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.notify.channel import Channel, DeliveryError, Notification
from backend.services.actor import Actor
from backend.services.audit import AuditLog


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """Outcome of a test message.

    Attributes:
        message: Sentence for a person: that it was sent, or why not and what to do.
    """

    ok: bool
    message: str


class ChannelTestService:
    """Sends test messages past the outbox, so that the answer comes at once.

    Args:
        session_factory, clock, audit: As everywhere.
        channel: The channel to try.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        channel: Channel,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._channel = channel

    def send(self, actor: Actor) -> ChannelTest:
        """Send one message, clearly marked as a test; bounded by the channel's timeouts."""
        actor.require(Role.ADMIN)
        outcome = self._try(actor)
        with self._open() as session, session.begin():
            self._audit.record(
                session,
                actor,
                action="channel.test",
                object_type="channel",
                object_id=self._channel.name,
                after={"ok": outcome.ok},
            )
        return outcome

    def _try(self, actor: Actor) -> ChannelTest:
        notification = Notification(
            headline="TEST: CrowdSafe can reach you",
            lines=(f"This test was asked for by {actor.username}. There is no incident.",),
            created_at=self._clock.now(),
        )
        try:
            self._channel.send(notification)
        except DeliveryError as error:
            return ChannelTest(ok=False, message=str(error))
        return ChannelTest(ok=True, message="The test message was accepted by Telegram.")
