"""Encryption at rest, password rules and the audit trail's redaction."""

from __future__ import annotations

import time

import pytest
from cryptography.fernet import Fernet

from backend.core.errors import InvalidInputError, UnavailableError
from backend.services.audit import REDACTED, changed_values, redact
from backend.services.passwords import PasswordHasher, check_password_rules
from backend.services.secret_box import SecretBox


def test_what_goes_in_comes_out() -> None:
    box = SecretBox(Fernet.generate_key().decode())
    token = box.encrypt("rtsp://user:pä@10.0.0.1/")
    assert "pä" not in token
    assert box.decrypt(token) == "rtsp://user:pä@10.0.0.1/"
    assert box.encrypt("x") != box.encrypt("x")


@pytest.mark.parametrize("token", ["", "nonsense", "ä"])
def test_altered_tokens_are_refused(token: str) -> None:
    with pytest.raises(UnavailableError, match="another key"):
        SecretBox(Fernet.generate_key().decode()).decrypt(token)


def test_another_key_is_refused() -> None:
    token = SecretBox(Fernet.generate_key().decode()).encrypt("x")
    with pytest.raises(UnavailableError):
        SecretBox(Fernet.generate_key().decode()).decrypt(token)


@pytest.mark.parametrize(
    "password", ["short", "x" * 73, "ä" * 37, "zoe-zoe-zoe", "aaaaaaaaaaaa", "with\0the nul byte"]
)
def test_bad_passwords(password: str) -> None:
    with pytest.raises(InvalidInputError):
        check_password_rules(password, username="Zoe-Zoe-Zoe")


@pytest.mark.parametrize("password", ["correct horse", "x1y2z3" * 12, "ä1ö2ü3ß4x5"])
def test_good_passwords(password: str) -> None:
    check_password_rules(password, username="zoe")
    hasher = PasswordHasher(rounds=4)
    assert hasher.verify(password, hasher.hash(password))


def test_longer_passwords_do_not_match_their_beginning() -> None:
    hasher = PasswordHasher(rounds=4)
    known = hasher.hash("x" * 72)
    assert hasher.verify("x" * 72, known)
    assert not hasher.verify("x" * 73, known)


def test_unknown_accounts_cost_as_much_as_wrong_passwords() -> None:
    hasher = PasswordHasher(rounds=9)
    known = hasher.hash("correct horse")

    def cost(password_hash: str | None, password: str) -> float:
        best = float("inf")
        for _ in range(5):
            began = time.perf_counter()
            assert not hasher.verify(password, password_hash)
            best = min(best, time.perf_counter() - began)
        return best

    wrong = cost(known, "wrong password")
    assert cost(None, "wrong password") == pytest.approx(wrong, rel=0.5)
    assert cost(known, "x" * 1000) == pytest.approx(wrong, rel=0.5)


def test_redaction_keeps_what_is_no_secret() -> None:
    before = {
        "name": "Gate",
        "bot_token": "1:x",
        "source_encrypted": "gAAAA",
        "must_change_password": True,
        "password": None,
        "inner": {"secret": "x", "count": 3},
    }
    assert redact(before) == {
        "name": "Gate",
        "bot_token": REDACTED,
        "source_encrypted": REDACTED,
        "must_change_password": True,
        "password": None,
        "inner": {"secret": REDACTED, "count": 3},
    }
    assert redact(None) is None


def test_only_differences_are_kept() -> None:
    assert changed_values({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})
