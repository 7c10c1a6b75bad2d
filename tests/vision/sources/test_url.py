"""Stream addresses."""

from __future__ import annotations

import pytest

from backend.core.camera import SourceType
from backend.core.errors import SourceRefusedError
from backend.vision.sources.url import parse_stream_url


def test_parts() -> None:
    url = parse_stream_url("RTSP://viewer:p%40ss@Cam.local/live/1?x=a&y=b", SourceType.RTSP)
    assert (url.scheme, url.host, url.port, url.target) == (
        "rtsp",
        "cam.local",
        554,
        "/live/1?x=a&y=b",
    )
    assert (url.username, url.password) == ("viewer", "p@ss")
    assert url.quoted_userinfo == "viewer:p%40ss@"
    assert url.address == "rtsp://cam.local:554/live/1?x=a&y=b"
    assert "p@ss" not in repr(url)
    assert "p@ss" not in url.label


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("http://h/", 80),
        ("https://h/", 443),
        ("https://h:8443/", 8443),
        ("http://[2606:2800:220:1::1]/x", 80),
        ("http://käse.example/x", 80),
        ("http://cam_1.local/x", 80),
    ],
)
def test_ports_and_hosts(text: str, port: int) -> None:
    assert parse_stream_url(text, SourceType.HTTP).port == port


def test_a_target_cannot_break_out_of_the_request_line() -> None:
    url = parse_stream_url('http://h/a"b<c>\u00e9', SourceType.HTTP)
    assert url.target == "/a%22b%3Cc%3E%C3%A9"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rtsp://h/x", "has to begin with http:// or https://"),
        ("file:///etc/passwd", "has to begin with"),
        ("h/x", "has to begin with"),
        ("", "has to begin with"),
        ("http://", "no valid host"),
        ("http://:80/", "no valid host"),
        ("http://h:0/", "no valid host"),
        ("http://h:99999/", "cannot be read"),
        ("http://u:p/w@h/", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("http://a..b/", "no valid host"),
        ("http://a,b/", "no valid host"),
        ("http://h/a b", "spaces"),
        ("http://h/\r\nX: y", "spaces or control"),
        ("http://h/" + "a" * 3000, "longer than"),
    ],
)
def test_refused(text: str, words: str) -> None:
    with pytest.raises(SourceRefusedError, match=words):
        parse_stream_url(text, SourceType.HTTP)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://h/a", "http://H:80/b", True),
        ("http://h/a", "http://h:81/a", False),
        ("http://h/a", "https://h/a", False),
        ("http://h/a", "http://g/a", False),
    ],
)
def test_same_server(one: str, other: str, same: bool) -> None:
    first = parse_stream_url(one, SourceType.HTTP)
    assert first.is_same_server(parse_stream_url(other, SourceType.HTTP)) is same
