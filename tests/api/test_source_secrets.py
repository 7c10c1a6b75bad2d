"""Nasty camera addresses through the API: no answer, log line or audit row shows the secret."""

from __future__ import annotations

import json
import logging

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.accounts import AuditEntry
from backend.logging_setup import redact_text
from tests.web import Browser, services_of

SECRET = "S3cr3tW0rd"
NOBODY = "127.0.0.1:1"
NASTY = (
    f"rtsp://admin:{SECRET}@{NOBODY}/live",
    f"rtsp://admin:a@{SECRET}@b@{NOBODY}/live",
    f"rtsp://admin:1234/{SECRET}@{NOBODY}/live",
    f"rtsp://admin:{SECRET}/x?y#z@{NOBODY}/live",
    f"rtsp://{NOBODY}/user=admin_password={SECRET}_channel=1_stream=0.sdp",
    f"http://{NOBODY}/v.cgi?loginuse=admin&loginpas={SECRET}",
    f"http://{NOBODY}/v?p%61ss={SECRET}&token[]={SECRET}",
    f"http://a:b@{NOBODY}/v?next=http%3A%2F%2Fc%3A{SECRET}%40h%2F",
    f"rtsp:/admin:{SECRET}@{NOBODY}/",
    f"admin:{SECRET}@{NOBODY}/live",
    f"http://127.0.0.1:99999/?pwd={SECRET}",
)


def test_nothing_the_api_says_or_keeps_shows_a_secret(
    admin: Browser, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    kept = 0
    for number, source in enumerate(NASTY):
        kind = "http" if source.startswith("http") else "rtsp"
        answer = admin.post(
            "/api/cameras/", json={"name": f"C{number}", "source_type": kind, "source": source}
        )
        said.append(answer.text)
        tried = {"source_type": kind, "source": source}
        said.append(admin.post("/api/cameras/test", json=tried).text)
        if answer.status_code == 201:
            kept += 1
            path = f"/api/cameras/{answer.json['id']}"
            said.append(admin.post(f"{path}/test").text)
            said.append(admin.put(path, json={"source": f"{source}x"}).text)
            said.append(admin.get(path).text)
    said += [admin.get(path).text for path in ("/api/cameras/", "/api/system/health", "/cameras")]
    assert kept >= 5, "some of them are addresses a camera may have"
    with Session(services_of(app).engine) as session:
        rows = session.scalars(select(AuditEntry)).all()
        said += [json.dumps([row.action, row.before, row.after]) for row in rows]
    said += [redact_text(record.getMessage()) for record in caplog.records]
    assert [text for text in said if SECRET in text] == []
