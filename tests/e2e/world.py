"""A real CrowdSafe process on a free port, and a client that talks to it as a person's program."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests

ROOT = Path(__file__).resolve().parents[2]
FIRST_PASSWORD = "first-password-of-the-tests"
PASSWORD = "second-password-of-the-tests"
T = TypeVar("T")


def free_port() -> int:
    """Return a port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    ask: Callable[[], T | None], *, timeout_s: float, what: str, every_s: float = 0.1
) -> T:
    """Ask until the answer is true; fail with ``what`` after ``timeout_s``."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout_s
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s for {what}")
        pause.wait(every_s)


@dataclass
class Client:
    """A logged-in API client (Bearer)."""

    base_url: str
    username: str
    password: str
    session: requests.Session = field(default_factory=requests.Session)

    def login(self) -> dict[str, Any]:
        """Log in and keep the access token."""
        answer = requests.post(
            f"{self.base_url}/api/auth/login",
            json={"username": self.username, "password": self.password},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        self.session.headers["Authorization"] = f"Bearer {body['access_token']}"
        return body

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """Send one request; logs in again when the access token has run out."""
        kwargs.setdefault("timeout", 60)
        answer = self.session.request(method, self.base_url + path, **kwargs)
        if answer.status_code == 401:
            self.login()
            answer = self.session.request(method, self.base_url + path, **kwargs)
        return answer

    def json(self, method: str, path: str, *, expect: int = 200, **kwargs: Any) -> Any:
        """Send one request, check its status and return the decoded body."""
        answer = self.call(method, path, **kwargs)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return all items of a paged list."""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            mark = "&" if "?" in path else "?"
            body = self.json("GET", f"{path}{mark}page={page}&per_page=200")
            found += body["items"]
            if page >= body["pages"]:
                return found
            page += 1

    def add_camera(self, **fields: Any) -> dict[str, Any]:
        """Create a camera."""
        camera: dict[str, Any] = self.json("POST", "/api/cameras/", expect=201, json=fields)
        return camera

    def analyse(self, name: str, video: Path, *, timeout_s: float = 240) -> dict[str, Any]:
        """Upload ``video`` as camera ``name``, wait for the end, return the camera."""
        camera = self.add_camera(name=name, source_type="upload")
        path = f"/api/cameras/{camera['id']}"
        with video.open("rb") as file:
            self.json("POST", f"{path}/upload", expect=202, files={"video": (video.name, file)})

        def ended() -> dict[str, Any] | None:
            seen: dict[str, Any] = self.json("GET", path)
            return seen if seen["job"]["state"] in {"finished", "failed", "cancelled"} else None

        return wait_until(ended, timeout_s=timeout_s, what=f"the analysis of {video.name}")


@dataclass
class World:
    """A running process with its data folder."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process and wait until it is healthy."""
        log = (self.home / "process.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._healthy, timeout_s=60, what="the process to answer /healthz")

    def _healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return requests.get(f"{self.base_url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, *, kill: bool = False) -> int:
        """End the process (SIGTERM, or SIGKILL to the whole group) and return its status."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise

    def log(self) -> str:
        """Return what the process printed."""
        return (self.home / "process.log").read_text(encoding="utf-8", errors="replace")

    def admin(self) -> Client:
        """Return a logged-in administrator, changing the first password the first time."""
        client = Client(self.base_url, "admin", PASSWORD)
        first = Client(self.base_url, "admin", FIRST_PASSWORD)
        answer = requests.post(
            f"{self.base_url}/api/auth/login",
            json={"username": "admin", "password": FIRST_PASSWORD},
            timeout=10,
        )
        if answer.status_code == 200:
            first.login()
            first.json(
                "PATCH",
                "/api/auth/me",
                json={"current_password": FIRST_PASSWORD, "new_password": PASSWORD},
            )
        client.login()
        return client


def make_world(home: Path, *, model: Path, **environment: str) -> World:
    """Return a process that is not started yet, with the given weights."""
    port = free_port()
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CROWDSAFE_", "YOLO_", "TELEGRAM_", "DATABASE_", "REDIS_"))
    }
    return World(
        home=home,
        port=port,
        environment=clean
        | {
            "CROWDSAFE_HOME": str(home),
            "CROWDSAFE_PORT": str(port),
            "CROWDSAFE_ADMIN_PASSWORD": FIRST_PASSWORD,
            "CROWDSAFE_OFFLINE": "true",
            "CROWDSAFE_DEMO_CAMERA": "false",
            "CROWDSAFE_LOGIN_RATE_LIMIT": "100 per minute",
            "YOLO_MODEL": str(model),
        }
        | environment,
    )
