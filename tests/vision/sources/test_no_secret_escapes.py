"""Nasty addresses through every door of the sources; nothing that comes out holds the secret."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import CrowdSafeError
from backend.logging_setup import redact_text
from backend.vision.sources import (
    SourceLimits,
    SourceStart,
    make_source,
    probe_source,
    redact_source,
    validate_source,
)
from tests.fixtures_rtsp import RtspCamera
from tests.vision.sources.web import WebServer

SECRET = "S3cr3tW0rd"
NOBODY = "127.0.0.1:1"
NAMES = [
    "token",
    "pwd",
    "psw",
    "pswd",
    "passwd",
    "pass",
    "password",
    "passcode",
    "pin",
    "loginpas",
    "loginuse",
    "usr",
    "username",
    "key",
    "api_key",
    "apikey",
    "api-key",
    "ApiKey",
    "X-Api-Key",
    "accessKey",
    "privatekey",
    "access_token",
    "devicetoken",
    "auth",
    "authbasic",
    "Authorization",
    "bearer",
    "cred",
    "hash",
    "code",
    "otp",
    "jwt",
    "ticket",
    "sid",
    "session",
    "sessionid",
    "sig",
    "signature",
    "secret",
    "client_secret",
    "cameraPassword",
    "userPass",
    "token[]",
    "token%5B%5D",
    "p%61ssword",
    "nobodyThoughtOfThisName",
]
USERINFO = [
    f"admin:{SECRET}@{NOBODY}/live",
    f"admin:a@{SECRET}@b@{NOBODY}/live",
    f"admin:%40{SECRET}%2F%3F@{NOBODY}/live",
    f"{SECRET}@{NOBODY}/live",
    f":{SECRET}@{NOBODY}/",
    f"admin:{SECRET}/x?y#z@{NOBODY}/live",
    f"admin:1234/{SECRET}@{NOBODY}/live",
    f"{NOBODY}/user=admin_password={SECRET}_channel=1_stream=0.sdp",
    f"{NOBODY}/v?user=a&pwd={SECRET}",
]
NASTY = [
    *(f"{scheme}://{rest}" for scheme in ("rtsp", "rtsps", "http", "https") for rest in USERINFO),
    *(f"http://{NOBODY}/v?{name}={SECRET}&x=1" for name in NAMES),
    f"http://{NOBODY}/v?x=1;pwd={SECRET}",
    f"http://{NOBODY}/v?a%26pwd%3D{SECRET}",
    f"http://{NOBODY}/v?x=1#token={SECRET}",
    f"http://{NOBODY}/v?token={SECRET}/{SECRET}?{SECRET}",
    f"http://a:b@{NOBODY}/v?next=http://c:{SECRET}@h/",
    f"http://{NOBODY}/v?next=http%3A%2F%2Fc%3A{SECRET}%40h%2F",
    # mistyped
    f"HTTP://Admin:{SECRET}@{NOBODY}/",
    f"rtsp:// admin:{SECRET}@{NOBODY}/",
    f"rtsp:/admin:{SECRET}@{NOBODY}/",
    f"admin:{SECRET}@{NOBODY}/live",
    f"ftp://u:{SECRET}@h/x",
    f"http://127.0.0.1:99999/?pwd={SECRET}",
    f"http://[::1:{SECRET}@x/",
    f"http://u:{SECRET}@-bad-/?q={SECRET}",
    f"http://u:{SECRET}@169.254.169.254/",
]


def spec_of(text: str) -> SourceSpec:
    kind = SourceType.HTTP if text.lower().startswith("http") else SourceType.RTSP
    return SourceSpec(kind, text)


class Everything:
    """Collects what came out: errors with all their causes and tracebacks, and log lines."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        self._caplog.set_level(logging.DEBUG)
        self.texts: list[str] = []

    def attempt(self, door: Callable[[], Any]) -> None:
        """Go through ``door``; an error is what comes out."""
        try:
            self.texts.append(repr(door()))
        except CrowdSafeError as error:
            self.texts.append(str(error))
            # what a log line would show of it: every cause, as the log's redaction leaves it
            self.texts.append(redact_text("".join(traceback.format_exception(error))))

    def check(self) -> None:
        """Nothing may hold the secret."""
        for record in self._caplog.records:
            line = record.getMessage()
            if record.name.startswith("backend"):
                self.texts.append(line)
            self.texts.append(redact_text(line))
            if record.exc_info:
                self.texts.append(
                    redact_text("".join(traceback.format_exception(record.exc_info[1])))
                )
        assert self.texts
        assert [text for text in self.texts if SECRET in text] == []


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> Everything:
    return Everything(caplog)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_shows_the_secret_of_a_camera_that_is_not_there(
    text: str, everything: Everything, limits: SourceLimits
) -> None:
    spec = spec_of(text)
    everything.attempt(lambda: redact_source(text))
    everything.attempt(lambda: redact_text(f"opening {text} failed: '{text}'"))
    everything.attempt(lambda: repr(spec))
    everything.attempt(lambda: validate_source(spec, limits))
    source = make_source(spec, limits=limits, clock=SystemClock(), start=SourceStart())
    everything.attempt(source.open)
    source.close()
    everything.check()


def _redirect(location: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def _status(number: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(number, SECRET)
        if number == 401:
            handler.send_header("WWW-Authenticate", 'Basic realm="cam"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.mark.parametrize(
    "route",
    [
        _status(401),
        _status(403),
        _status(500),
        _redirect(f"http://c:{SECRET}@169.254.169.254/v?token={SECRET}"),
        _redirect(f"/again?pwd={SECRET}"),
        _redirect(f"file:///etc/{SECRET}?token={SECRET}"),
        _redirect(f"rtsp://c:{SECRET}@{NOBODY}/"),
    ],
    ids=["401", "403", "500", "elsewhere", "in circles", "file", "rtsp"],
)
def test_nothing_shows_the_secret_of_a_camera_that_refuses(
    route: Callable[[BaseHTTPRequestHandler], None],
    everything: Everything,
    limits: SourceLimits,
    web: WebServer,
) -> None:
    web.routes["/cam"] = web.routes["/again"] = route
    spec = spec_of(web.url(f"/cam?token={SECRET}", userinfo=f"admin:{SECRET}@"))
    everything.attempt(lambda: probe_source(spec, limits=limits, clock=SystemClock()))
    everything.check()


@pytest.mark.service
def test_nothing_shows_the_secret_of_an_rtsp_camera_that_refuses(
    everything: Everything, limits: SourceLimits, locked_rtsp_camera: RtspCamera
) -> None:
    address = f"127.0.0.1:{locked_rtsp_camera.port}"
    for text in (
        f"rtsp://viewer:{SECRET}@{address}/cam",
        f"rtsp://viewer:p%40ss%2Fword@{address}/missing?token={SECRET}",
    ):
        spec = spec_of(text)
        everything.attempt(lambda spec=spec: probe_source(spec, limits=limits, clock=SystemClock()))
    everything.check()
