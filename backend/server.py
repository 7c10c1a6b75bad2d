"""The web server: gunicorn, one process with many threads, cameras running inside it.

One worker on purpose: cameras, their snapshots and the sockets live in its memory. When it
crashes, the arbiter starts another one, and the cameras that ran start again.
"""

from __future__ import annotations

import errno
import logging
import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import get_parser
from gunicorn.workers.gthread import ThreadWorker

from backend.patient_reads import Patience, PatientReads
from backend.services.lifecycle import Lifecycle

logger = logging.getLogger(__name__)

KEEP_ALIVE_S = 15
STUCK_TIMEOUT_S = 120
"""A worker whose main loop is silent for so long is replaced. Streams do not count: they run
on threads of their own. Loading a network may hold the interpreter for some seconds."""
SEND_TIMEOUT_S = 60.0
"""A client that takes nothing of its answer for so long is given up, a stream's too."""


def lifecycle_of(app: Flask) -> Lifecycle:
    """Return what starts and stops the cameras of an application."""
    lifecycle: Lifecycle = app.extensions["crowdsafe"].lifecycle
    return lifecycle


class PlainLogger(Logger):
    """gunicorn's messages go where all others go; no access log of its own."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to `configure_logging`."""
        super().setup(cfg)
        self.error_log.propagate = True

    def _set_handler(self, *_args: Any, **_kwargs: Any) -> None:
        """Install nothing."""


class CameraWorker(ThreadWorker):
    """Ends open streams and cameras as soon as it is told to stop, not when they end.

    Clients that send their request or take their answer too slowly lose the connection, so
    that they cannot hold all threads.
    """

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection that has something to say to a thread."""
        if conn.parser is None:
            reads = PatientReads(conn.sock, self.app.patience)
            conn.parser = get_parser(self.cfg, reads, conn.client)
        conn.parser.unreader.sock.begin()
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request; a client that does not take the answer counts as gone."""
        conn.sock.settimeout(self.app.send_timeout_s)
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "the client takes nothing") from error

    def init_signals(self) -> None:
        """Ctrl-C reaches the whole group; the arbiter alone decides what it means."""
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop; only sets flags, because this interrupts the main thread."""
        lifecycle_of(self.app.wsgi()).stop_wanted.set()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Ctrl-C stops as cleanly as a service manager does."""
        self.handle_exit(sig, frame)


class Server(BaseApplication):
    """gunicorn, configured in code.

    Args:
        build: Makes the application; called in the worker, so that no thread, connection or
            network is shared over the fork.
        ready: Called with the port once the socket listens.
        host, port: Where to listen; port 0 takes a free one.
        threads: Requests, streams and sockets at the same time.
        stop_timeout_s: From the signal to the end.
        patience: How slowly a request may come.
        send_timeout_s: How long a client may take nothing of its answer.
    """

    def __init__(
        self,
        build: Callable[[], Flask],
        ready: Callable[[int], None],
        *,
        host: str,
        port: int,
        threads: int,
        stop_timeout_s: int,
        patience: Patience | None = None,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self.patience = patience or Patience()
        self.send_timeout_s = send_timeout_s
        self._build = build
        self._ready = ready
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": 1,
            "threads": threads,
            "worker_connections": max(1000, 4 * threads),
            "keepalive": KEEP_ALIVE_S,
            "timeout": STUCK_TIMEOUT_S,
            "graceful_timeout": stop_timeout_s,
            "proc_name": "crowdsafe",
            "control_socket_disable": True,
            # X-Forwarded-* is believed as configured by ProxyFix, never because of the address.
            "forwarded_allow_ips": "",
            "when_ready": self._on_ready,
            "post_worker_init": _on_worker_start,
            "worker_exit": _on_worker_exit,
        }
        self._stop_timeout_s = stop_timeout_s
        super().__init__()

    def load_config(self) -> None:
        """Hand the options to gunicorn; no file and no command line is read."""
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("worker_class", CameraWorker)
        self.cfg.set("logger_class", PlainLogger)

    def load(self) -> Flask:
        """Build the application inside the worker."""
        return self._build()

    def _on_ready(self, arbiter: Any) -> None:
        self._ready(arbiter.LISTENERS[0].sock.getsockname()[1])


def _on_worker_start(worker: Any) -> None:
    lifecycle_of(worker.app.wsgi()).run_in_background()


def _on_worker_exit(_arbiter: Any, worker: Any) -> None:
    if not worker.booted:
        return
    # The arbiter kills what is left after its own deadline; a second earlier says why.
    if not lifecycle_of(worker.app.wsgi()).end(worker.cfg.graceful_timeout - 1):
        logger.error("server_stop_incomplete")
