"""A real local HTTP server that answers like the Bot API, or badly, as told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Answer:
    """What the server says next."""

    status: int = 200
    body: bytes = b'{"ok": true, "result": {}}'
    headers: dict[str, str] = field(default_factory=dict)
    wait_for: threading.Event | None = None
    break_off: bool = False


@dataclass
class Received:
    """One request as it came in."""

    path: str
    fields: dict[str, str]
    files: dict[str, bytes]


def refusal(status: int, description: str, **more: Any) -> Answer:
    """Return an error the way the Bot API words it."""
    body = {"ok": False, "error_code": status, "description": description, **more}
    return Answer(status, json.dumps(body).encode())


class BotServer:
    """Collects requests; answers are taken from ``answers`` in order, then it is friendly."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[Answer] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                fields, files = _parse(self.headers.get("Content-Type", ""), body)
                server.received.append(Received(self.path, fields, files))
                server._answer(self)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="bot-server"
        )
        self._thread.start()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        answer = self.answers.pop(0) if self.answers else Answer()
        if answer.wait_for is not None:
            answer.wait_for.wait(10)
        if answer.break_off:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


def _parse(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    if not content_type.startswith("multipart/"):
        return {key: values[0] for key, values in parse_qs(body.decode()).items()}, {}
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in message.get_payload():  # type: ignore[union-attr]
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        payload = part.get_payload(decode=True)  # type: ignore[union-attr]
        assert isinstance(payload, bytes)
        if part.get_filename():  # type: ignore[union-attr]
            files[name] = payload
        else:
            fields[name] = payload.decode()
    return fields, files
