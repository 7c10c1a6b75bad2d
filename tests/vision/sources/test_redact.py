"""Credentials never survive redaction."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.sources import redact_source


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://10.0.0.7/live", "rtsp://10.0.0.7/live"),
        ("rtsp://admin:pw@10.0.0.7:554/live", "rtsp://***@10.0.0.7:554/live"),
        ("rtsp://admin:p@ss@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin:p/w?x@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("rtsp://admin@10.0.0.7/live", "rtsp://***@10.0.0.7/live"),
        ("http://h/v?token=abc&profile=1", "http://h/v?token=***&profile=1"),
        ("http://h/v?profile=1&API_KEY=abc", "http://h/v?profile=1&API_KEY=***"),
        ("http://h/v?access_token=a.b-c#x", "http://h/v?access_token=***#x"),
        ("http://h/v.cgi?user=admin&pwd=secret", "http://h/v.cgi?user=***&pwd=***"),
        ("rtsp://h/user=admin&password=pw&channel=1", "rtsp://h/user=***&password=***&channel=1"),
        ("http://h/v?X-Amz-Signature=abc", "http://h/v?X-Amz-Signature=***"),
        ("failed: rtsp://a:b@c/d and http://e:f@g/h", "failed: rtsp://***@c/d and http://***@g/h"),
        ("Authorization: Basic YTpi", "Authorization: Basic ***"),
        ("/dev/video0", "/dev/video0"),
        ("clip one.mp4", "clip one.mp4"),
        ("http://h:8080/v?width=640&fps=5", "http://h:8080/v?width=640&fps=5"),
        ("rtsp://h:8554/cam@home", "rtsp://h:8554/cam@home"),
        ("", ""),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert redact_source(text) == shown


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=8, max_size=20)


@given(WORD, st.sampled_from(["rtsp", "rtsps", "http", "https"]))
def test_encoded_passwords_never_survive(password: str, scheme: str) -> None:
    encoded = quote(password, safe="")
    assert encoded not in redact_source(f"{scheme}://admin:{encoded}@10.0.0.7:554/live?a=1")


@given(WORD, st.sampled_from(["token", "key", "password", "secret", "auth", "sig", "pwd"]))
def test_encoded_parameters_never_survive(value: str, name: str) -> None:
    encoded = quote(value, safe="")
    assert f"{name}={encoded}" not in redact_source(f"http://h/live?x=1&{name}={encoded}&y=2")


@given(st.text(max_size=200))
def test_any_text_can_be_redacted_twice(text: str) -> None:
    once = redact_source(text)
    assert redact_source(once) == once
