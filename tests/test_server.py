"""The server around a small application: what slow clients can and cannot do to it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[1]
THREADS = 4
PROGRAM = f"""
import sys
import types

from flask import Flask, Response, request, send_file

from backend.patient_reads import Patience
from backend.server import Server
from backend.services.lifecycle import Lifecycle

LARGE = sys.argv[1]


def build():
    app = Flask("small")
    app.extensions["crowdsafe"] = types.SimpleNamespace(lifecycle=Lifecycle([]))
    views = {{
        "/": lambda: "well",
        "/file": lambda: send_file(LARGE),
        "/stream": lambda: Response(b"x" * 65536 for _ in range(10**6)),
        "/body": lambda: str(len(request.get_data())),
    }}
    for path, view in views.items():
        app.add_url_rule(path, path, view, methods=["GET", "POST"])
    return app


Server(
    build,
    lambda port: print(port, flush=True),
    host="127.0.0.1",
    port=0,
    threads={THREADS},
    stop_timeout_s=2,
    patience=Patience(grace_s=1.0),
    send_timeout_s=1.0,
).run()
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(large)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        yield int(process.stdout.readline())
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{",
        "GET /file HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["half a head", "half a body", "half a chunk", "file not taken", "stream not taken"],
)
def test_slow_clients_do_not_hold_all_threads(port: int, request_text: str) -> None:
    with ExitStack() as held:
        for _ in range(2 * THREADS):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(request_text.encode())
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=15).text == "well"


def test_requests_in_pieces_arrive_whole(port: int) -> None:
    pieces = (b"x" * 100_000 for _ in range(20))
    answer = requests.post(f"http://127.0.0.1:{port}/body", data=pieces, timeout=15)
    assert answer.text == "2000000"


def test_a_kept_connection_has_time_again_for_each_request(port: int) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"http://127.0.0.1:{port}/", timeout=15).text == "well"
