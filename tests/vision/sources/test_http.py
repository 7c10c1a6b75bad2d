"""HTTP cameras on a real web server: formats, redirects, addresses, log-in, loss."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.core.camera import SourceType
from backend.core.errors import SourceError, SourceLostError, SourceRefusedError
from backend.vision.sources import SourceLimits
from tests.vision.sources.certificates import self_signed_context
from tests.vision.sources.clips import brightness_of, even_times, jpeg, write_clip
from tests.vision.sources.reading import read_some
from tests.vision.sources.web import Route, WebServer, content, mjpeg, redirect, web_server

HTTP = SourceType.HTTP
PLAYLIST = "application/vnd.apple.mpegurl"


@pytest.fixture
def segment(tmp_path: Path) -> bytes:
    path = write_clip(
        tmp_path / "segment.ts", times_s=even_times(25, 25), codec_options={"g": "25", "bf": "0"}
    )
    return path.read_bytes()


@pytest.fixture
def other_web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def playlist(*uris: str, ended: bool = True) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:0"]
    for uri in uris:
        lines += ["#EXTINF:1.0,", uri]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else [])]).encode() + b"\n"


def read_until_error(source: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        while True:
            source.read(5.0)
    return caught.value


def failure(open_source: Any, url: str, **options: Any) -> SourceError:
    """Return how opening ``url``, or reading it to its end, fails."""
    with pytest.raises(SourceError) as caught:
        source = open_source(HTTP, url, **options)
        while True:
            source.read(5.0)
    return caught.value


def test_mjpeg_is_timed_by_arrival(open_source: Any, web: WebServer) -> None:
    web.routes["/cam"] = mjpeg(web, jpeg, count=40, fps=20)
    source = open_source(HTTP, web.url("/cam"))
    assert (source.info.width, source.info.height, source.info.codec) == (64, 48, "mjpeg")
    assert source.info.nominal_fps is None
    frames = read_some(source, 10)
    steps = np.diff([frame.stream_time_s for frame in frames])
    assert (steps > 0).all()
    assert frames[9].stream_time_s == pytest.approx((frames[9].index) / 20, rel=0.5)
    assert frames[9].image.mean() == pytest.approx(brightness_of(frames[9].index), abs=3)


def test_silence_is_loss_within_the_read_timeout(open_source: Any, web: WebServer) -> None:
    web.routes["/cam"] = mjpeg(web, jpeg, count=10, fps=50)
    source = open_source(HTTP, web.url("/cam"))
    began_s = time.monotonic()
    assert isinstance(read_until_error(source), SourceLostError)
    assert time.monotonic() - began_s < 3


def test_a_camera_that_changes_its_picture_size_begins_anew(
    open_source: Any, web: WebServer
) -> None:
    def picture(index: int) -> bytes:
        return jpeg(index) if index < 5 else jpeg(index, width=128, height=96)

    web.routes["/cam"] = mjpeg(web, picture, count=20, fps=50)
    error = read_until_error(open_source(HTTP, web.url("/cam")))
    assert isinstance(error, SourceLostError)
    assert "128×96" in str(error)


def test_close_wakes_a_silent_stream_at_once(
    open_source: Any, web: WebServer, limits: SourceLimits
) -> None:
    web.routes["/cam"] = mjpeg(web, jpeg, count=10, fps=100)
    patient = replace(limits, read_timeout_s=20.0)
    source = open_source(HTTP, web.url("/cam"), limits=patient)
    while source.read(0.3) is not None:
        pass
    began_s = time.monotonic()
    source.close()
    assert time.monotonic() - began_s < 1


def test_mpegts_plays_at_its_own_pace(open_source: Any, web: WebServer, segment: bytes) -> None:
    web.routes["/live.ts"] = content(segment, "video/mp2t")
    source = open_source(HTTP, web.url("/live.ts"))
    frames = read_some(source, 12)
    elapsed_s = frames[-1].captured_mono_s - frames[0].captured_mono_s
    assert elapsed_s == pytest.approx(frames[-1].stream_time_s / 1.02, abs=0.1)
    assert "ended" in str(read_until_error(source))


def test_hls(open_source: Any, web: WebServer, segment: bytes) -> None:
    web.routes["/cam/index.m3u8"] = content(playlist("a.ts", "b.ts"), PLAYLIST)
    web.routes["/cam/a.ts"] = content(segment, "video/mp2t")
    web.routes["/cam/b.ts"] = content(segment, "video/mp2t")
    source = open_source(HTTP, web.url("/cam/index.m3u8"))
    assert source.info.container == "hls"
    frames = read_some(source, 20)
    # Newest wins and playing by stream time together: hardly any frame of a burst is lost.
    assert frames[-1].index - frames[0].index <= 25
    assert "ended" in str(read_until_error(source))
    assert "/cam/b.ts" in web.paths


def test_hls_with_variants(open_source: Any, web: WebServer, segment: bytes) -> None:
    master = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nlow/index.m3u8\n"
    web.routes["/master.m3u8"] = content(master, PLAYLIST)
    web.routes["/low/index.m3u8"] = content(playlist("a.ts"), PLAYLIST)
    web.routes["/low/a.ts"] = content(segment, "video/mp2t")
    assert read_some(open_source(HTTP, web.url("/master.m3u8")), 5)


def test_redirects_are_followed_and_relative_names_resolve_there(
    open_source: Any, web: WebServer, other_web: WebServer, segment: bytes
) -> None:
    web.routes["/old"] = redirect(other_web.url("/new/index.m3u8"))
    other_web.routes["/new/index.m3u8"] = content(playlist("a.ts"), PLAYLIST)
    other_web.routes["/new/a.ts"] = content(segment, "video/mp2t")
    assert read_some(open_source(HTTP, web.url("/old")), 3)
    assert "/new/a.ts" in other_web.paths


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://239.1.2.3/",
        "file:///etc/passwd",
        "rtsp://127.0.0.1/",
        "gopher://127.0.0.1:70/",
    ],
)
def test_redirects_to_forbidden_places(open_source: Any, web: WebServer, target: str) -> None:
    web.routes["/cam"] = redirect(target)
    assert isinstance(failure(open_source, web.url("/cam")), SourceRefusedError)
    assert web.paths == ["/cam"]


def test_redirects_without_end(open_source: Any, web: WebServer) -> None:
    web.routes["/cam"] = redirect("/cam")
    assert "redirects more than 5 times" in str(failure(open_source, web.url("/cam")))
    assert len(web.paths) == 6


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://0/",
        "http://0xA9FEA9FE/",
        "http://224.0.0.1/",
    ],
)
def test_forbidden_addresses(open_source: Any, url: str) -> None:
    assert isinstance(failure(open_source, url), SourceRefusedError)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_addresses_can_be_forbidden(
    open_source: Any, web: WebServer, limits: SourceLimits, host: str
) -> None:
    strict = replace(limits, allow_private=False)
    error = failure(open_source, web.url("/cam", host=host), limits=strict)
    assert isinstance(error, SourceRefusedError)
    assert web.requests == []


@pytest.mark.parametrize(
    "uri",
    [
        "{secret}",
        "file://{secret}",
        "file:{secret}",
        "subfile,,start,0,end,0,,:{secret}",
        "concat:{secret}|{secret}",
        "crypto:{secret}",
        "data:video/mp2t;base64,AAAA",
        "tcp://127.0.0.1:{port}/x.ts",
        "http://169.254.169.254/x.ts",
        "/to-metadata.ts",
    ],
)
@pytest.mark.parametrize("first_is_good", [True, False])
def test_a_playlist_cannot_reach_other_files_or_hosts(
    open_source: Any,
    web: WebServer,
    segment: bytes,
    tmp_path: Path,
    uri: str,
    first_is_good: bool,
) -> None:
    secret = tmp_path / "secret.ts"
    path = write_clip(secret, times_s=even_times(25, 25), width=32, height=32)
    named = uri.format(secret=path, port=web.port)
    web.routes["/index.m3u8"] = content(
        playlist(*(["a.ts"] if first_is_good else []), named, named), PLAYLIST
    )
    web.routes["/a.ts"] = content(segment, "video/mp2t")
    web.routes["/to-metadata.ts"] = redirect("http://169.254.169.254/x.ts")
    sizes = set()
    with pytest.raises(SourceError):
        source = open_source(HTTP, web.url("/index.m3u8"))
        while True:
            frame = source.read(5.0)
            if frame is not None:
                sizes.add(frame.image.shape)
    assert sizes <= {(48, 64, 3)}


def test_a_playlist_in_another_dress(open_source: Any, web: WebServer, tmp_path: Path) -> None:
    secret = write_clip(tmp_path / "secret.ts", times_s=even_times(25, 25))
    web.routes["/cam.ts"] = content(playlist(f"file://{secret}"), "video/mp2t")
    assert isinstance(failure(open_source, web.url("/cam.ts")), SourceError)
    web.routes["/cat"] = content(f"ffconcat version 1.0\nfile '{secret}'\n".encode(), "video/mp2t")
    assert isinstance(failure(open_source, web.url("/cat")), SourceError)


def test_an_encrypted_playlist_key_is_fetched_under_the_same_rules(
    open_source: Any, web: WebServer
) -> None:
    text = playlist("a.ts").replace(
        b"#EXTINF", b'#EXT-X-KEY:METHOD=AES-128,URI="http://169.254.169.254/key"\n#EXTINF', 1
    )
    web.routes["/index.m3u8"] = content(text, PLAYLIST)
    error = failure(open_source, web.url("/index.m3u8"))
    assert isinstance(error, SourceRefusedError)
    assert "169.254.169.254" in str(error)


def basic(user: str, password: str, then: Route) -> Route:
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("Authorization") == wanted:
            then(handler)
            return
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", 'Basic realm="cam"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def digest(user: str, password: str, then: Route) -> Route:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization", "")
        fields = {
            name.strip(): value.strip('" ')
            for name, _, value in (part.partition("=") for part in given[7:].split(","))
        }
        middle = ":".join(fields.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        wanted = md5(f"{md5(f'{user}:cam:{password}')}:{middle}:{md5(f'GET:{handler.path}')}")
        if given.startswith("Digest ") and fields.get("response") == wanted:
            then(handler)
            return
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", 'Digest realm="cam", nonce="n0", qop="auth"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.mark.parametrize("scheme", [basic, digest])
def test_log_in(open_source: Any, web: WebServer, scheme: Any) -> None:
    web.routes["/cam"] = scheme("viewer", "p@ss", mjpeg(web, jpeg, count=20, fps=50))
    source = open_source(HTTP, web.url("/cam", userinfo="viewer:p%40ss@"))
    assert read_some(source, 3)
    assert "Authorization" not in web.requests[0][1]


@pytest.mark.parametrize("scheme", [basic, digest])
@pytest.mark.parametrize("userinfo", ["viewer:wrong@", ""])
def test_wrong_password_is_final_and_not_repeated(
    open_source: Any, web: WebServer, scheme: Any, userinfo: str
) -> None:
    web.routes["/cam"] = scheme("viewer", "secret-word", mjpeg(web, jpeg, count=1, fps=50))
    error = failure(open_source, web.url("/cam", userinfo=userinfo))
    assert isinstance(error, SourceRefusedError)
    assert "user name or password" in str(error)
    assert "wrong" not in str(error)
    assert len(web.requests) <= 4


def test_credentials_stay_with_their_server(
    open_source: Any, web: WebServer, other_web: WebServer
) -> None:
    web.routes["/cam"] = basic("viewer", "secret-word", redirect(other_web.url("/spy")))
    other_web.routes["/spy"] = basic("viewer", "secret-word", redirect("/"))
    failure(open_source, web.url("/cam", userinfo="viewer:secret-word@"))
    assert other_web.requests
    for _, headers in other_web.requests:
        assert "Authorization" not in headers


def test_the_name_is_kept_while_the_address_is_pinned(open_source: Any, web: WebServer) -> None:
    web.routes["/cam"] = mjpeg(web, jpeg, count=20, fps=50)
    assert read_some(open_source(HTTP, web.url("/cam", host="localhost")), 2)
    assert web.requests[0][1]["Host"] == f"localhost:{web.port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_https_with_a_certificate_of_its_own_on_a_private_address(
    open_source: Any, tmp_path: Path, host: str
) -> None:
    with web_server(self_signed_context(tmp_path)) as web:
        web.routes["/cam"] = mjpeg(web, jpeg, count=20, fps=50)
        source = open_source(HTTP, f"https://{host}:{web.port}/cam")
        assert read_some(source, 3)
        source.close()


def test_a_redirect_with_an_endless_body_is_not_read(open_source: Any, web: WebServer) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://169.254.169.254/")
        handler.send_header("Connection", "close")
        handler.end_headers()
        while not web.stop.wait(0.01):
            handler.wfile.write(b"x" * 1000)

    web.routes["/cam"] = endless
    began_s = time.monotonic()
    assert isinstance(failure(open_source, web.url("/cam")), SourceRefusedError)
    assert time.monotonic() - began_s < 2


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"<html><body>log in</body></html>", "text/html", "web page"),
        (jpeg(0), "image/jpeg", "single picture"),
        (b"\0" * 5000, "application/octet-stream", "does not send video"),
        (b"", "video/mp2t", "before any video came"),
    ],
)
def test_what_is_no_stream(
    open_source: Any, web: WebServer, body: bytes, content_type: str, words: str
) -> None:
    web.routes["/cam"] = content(body, content_type)
    assert words in str(failure(open_source, web.url("/cam")))


def test_missing_page_may_come_back(open_source: Any, web: WebServer) -> None:
    error = failure(open_source, web.url("/nothing?token=s3cret"))
    assert isinstance(error, SourceLostError)
    assert "404" in str(error)
    assert "s3cret" not in str(error)


def test_nobody_listens(open_source: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    error = failure(open_source, f"http://127.0.0.1:{port}/cam")
    assert isinstance(error, SourceLostError)
    assert "cannot be reached" in str(error)


@pytest.fixture
def dripping_port() -> Iterator[int]:
    """A server that answers with one header byte now and then, for ever."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def drip() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                while not stop.wait(0.1):
                    connection.sendall(b"H")
        except OSError:
            return

    thread = threading.Thread(target=drip, name="test-drip")
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    listener.close()
    thread.join()


def test_a_dripping_answer_cannot_hold_the_opening(
    open_source: Any, dripping_port: int, limits: SourceLimits
) -> None:
    quick = replace(limits, open_timeout_s=0.5)
    began_s = time.monotonic()
    error = failure(open_source, f"http://127.0.0.1:{dripping_port}/cam", limits=quick)
    assert isinstance(error, SourceLostError)
    assert time.monotonic() - began_s < 4
