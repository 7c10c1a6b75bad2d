"""The list of measurements is written once; table, views, schema and document follow it."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Flask

from backend.api.schemas.metrics import MetricSchema
from backend.cli.metrics_csv import COLUMNS
from backend.core.measurements import MEASURED_FIELDS, UNITS
from backend.db.metric_store import METRIC_COLUMNS
from backend.services.metric_views import MetricView
from tests import builders
from tests.web import Browser, services_of


def test_table_view_schema_and_csv_have_every_measurement(viewer: Browser) -> None:
    measured = set(MEASURED_FIELDS)
    views = {field.name for field in dataclasses.fields(MetricView)}
    assert measured <= METRIC_COLUMNS
    assert measured <= views
    assert measured <= set(COLUMNS)
    assert set(MetricSchema().fields) == views
    assert set(UNITS) <= measured
    schemas: dict[str, Any] = viewer.get("/api/openapi.json").json["components"]["schemas"]
    assert set(schemas["Metric"]["properties"]) == views
    assert schemas["Quantity"]["properties"]["value"]["oneOf"]


def test_current_numbers_carry_unit_interval_and_trust(app: Flask, admin: Browser) -> None:
    gate = {"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"}
    assert admin.post("/api/cameras/", json=gate).status_code == 201
    base = services_of(app)
    crowd = builders.metrics(count=12.0, count_low=10.0, count_high=15.0, density_per_m2=0.4)
    snapshot = builders.snapshot(crowd=crowd, published_mono_s=base.clock.monotonic())
    base.bus.publish(snapshot, builders.frame(captured_mono_s=base.clock.monotonic()))
    quantities = admin.get("/api/metrics/1/current").json["quantities"]
    assert quantities["count"] == {
        "value": 12.0,
        "unit": "people",
        "low": 10.0,
        "high": 15.0,
        "trust": "ok",
        "reason": "",
    }
    assert quantities["density_per_m2"]["unit"] == "1/m²"
    assert admin.get("/api/cameras/1").json["current"]["quantities"] == quantities
    base.recorder.stop()
    base.frames.stop()
