"""Requests that nobody reads any more, in which the runtime may still be at work."""

from __future__ import annotations

import atexit
import threading
import time
from contextlib import suppress

from backend.vision.network import NetworkRequest

AT_EXIT_S = 10.0
"""How long the end of the program waits for a runtime at work: torn down below it, it aborts."""

_closing: set[threading.Thread] = set()


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
        _closing.discard(threading.current_thread())

    thread = threading.Thread(target=close, name="unanswered", daemon=True)
    _closing.add(thread)
    thread.start()


@atexit.register
def wait_for_answers(timeout_s: float = AT_EXIT_S) -> bool:
    """Wait for the requests let go of; called when the program ends.

    Returns:
        Whether all of them have been closed.
    """
    ends_at = time.monotonic() + timeout_s
    for thread in tuple(_closing):
        thread.join(max(0.0, ends_at - time.monotonic()))
    return not _closing
