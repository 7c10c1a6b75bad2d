"""Live events over Socket.IO: one broadcaster, authenticated sockets, a room per place."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask_socketio import SocketIO

from backend.realtime.connections import Connections
from backend.realtime.publisher import RealtimePublisher
from backend.realtime.socket import SocketEmitter, install_events
from backend.services.actor import Identity
from backend.services.container import Services
from backend.services.lifecycle import Step
from backend.services.metric_views import as_json

__all__ = ["RealtimePublisher", "register"]


def register(socketio: SocketIO, services: Services) -> RealtimePublisher:
    """Install the socket events and add the broadcaster to what runs; starts nothing."""
    connections = Connections()
    publisher = RealtimePublisher(
        live=services.live,
        locations=services.location_watch,
        connections=connections,
        emitter=SocketEmitter(socketio),
        identify=lambda known: _prove_again(services, known),
        system_status=lambda: system_status(services),
        clock=services.clock,
    )
    services.events.on_alert(publisher.tell_alert)
    services.events.on_job(publisher.tell_job)
    services.bus.subscribe_status(
        lambda status: publisher.tell_status(status.camera_id), name="realtime"
    )
    services.accounts.on_revoked(connections.mark_revoked)
    install_events(socketio, services, connections, system_status=lambda: system_status(services))
    services.lifecycle.add(Step("realtime", publisher.start, publisher.stop))
    return publisher


def system_status(services: Services) -> dict[str, Any]:
    """Return the summary every connected page shows: cameras, detector, notifications, alerts."""
    states = Counter(
        services.live.status(facts.camera_id).status for facts in services.live.cameras()
    )
    outbox, alerts = services.outbox.stats(), services.alert_manager.stats()
    model = services.models.status()
    return {
        "cameras": {"total": sum(states.values()), **dict(sorted(states.items()))},
        "model": {
            "reduced_accuracy": model.info is not None and model.info.reduced_accuracy,
            "remedy": model.info.remedy if model.info is not None else "",
            "error": model.error if model.info is None else "",
        },
        "notifications": {
            "configured": services.telegram.is_configured,
            "pending": outbox.pending,
            "failed": outbox.failed,
            "failing_since": as_json(outbox.failing_since),
            "last_error": outbox.last_error,
        },
        "alerts": {
            "unwritten": alerts.unwritten,
            "dropped": alerts.dropped,
            "is_running": alerts.is_running,
        },
    }


def _prove_again(services: Services, known: Identity) -> Identity:
    assert known.actor.user_id is not None, "sockets are opened by users"
    return services.accounts.identify(session_id=known.session_id, user_id=known.actor.user_id)
