"""Requests that nobody reads any more, in which the runtime may still be at work."""

from __future__ import annotations

import threading
from contextlib import suppress

from backend.vision.network import NetworkRequest


def has_answered(request: NetworkRequest, timeout_s: float) -> bool:
    """Return whether nothing is under way in a started request; a failure is an answer, too."""
    try:
        return request.wait(timeout_s)
    except Exception:  # noqa: BLE001 - its borrower, if any is left, hears of it in `outputs`
        return True


def close_when_answered(request: NetworkRequest) -> None:
    """Let go of a request in which something is under way, without waiting for it.

    Closing waits until the runtime is done with the buffers, and so does dropping the last
    reference (OpenVINO's destructor). A thread does it: a daemon, for it may never end.
    """

    def close() -> None:
        with suppress(Exception):  # what went wrong in there is nobody's any more
            request.close()

    threading.Thread(target=close, name="unanswered", daemon=True).start()
