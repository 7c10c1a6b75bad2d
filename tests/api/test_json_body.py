"""JSON bodies: nothing a client may write ends as an error of the server's."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from backend.api.json_body import MAX_DEPTH, UnusableBodyError, parse_body
from tests.web import Browser

HOSTILE = [
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"username": ' + b"9" * 5000 + b"}",
    b'{"username": ' + b"9" * 400 + b"}",
    rb'{"username": "\ud800", "password": "x"}',
    rb'{"username": "viewer", "password": "\udfff"}',
    rb'{"user\ud800name": "viewer"}',
    rb'{"username": "a\u0000b", "password": "x"}',
    b'{"username": "\xff"}',
    b"{",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(UnusableBodyError):
        parse_body(body)


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_are_the_clients_mistake(app: Flask, body: bytes) -> None:
    answer = app.test_client().post("/api/auth/login", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("text", [r"\ud800", r"a\u0000b"])
def test_nothing_unstorable_comes_into_a_profile(viewer: Browser, text: str) -> None:
    answer = viewer.patch(
        "/api/auth/me", data=f'{{"place": "{text}"}}', content_type="application/json"
    )
    assert answer.status_code == 400


def test_depth_is_bounded() -> None:
    assert parse_body(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(UnusableBodyError, match="nested"):
        parse_body(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8
)


@given(VALUES)
def test_everything_else_comes_through(value: object) -> None:
    assert parse_body(json.dumps(value).encode()) == value
