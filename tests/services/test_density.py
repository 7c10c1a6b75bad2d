"""The installation's density counter: off, refused, not asked for yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ModelError
from backend.services.density import (
    DensityStatus,
    build_density_store,
    counters_of,
    density_status,
)
from tests.web import settings


def test_off_is_neither_opened_nor_a_fault(tmp_path: Path) -> None:
    store = build_density_store(settings(tmp_path, DENSITY_MODEL="off"))
    assert counters_of(store)() is None
    assert density_status(store) == DensityStatus(is_on=False)


def test_a_choice_takes_the_place_of_the_setting(tmp_path: Path) -> None:
    assert not build_density_store(settings(tmp_path), model="off").is_on
    assert build_density_store(settings(tmp_path, DENSITY_MODEL="off"), model="auto").is_on
    with pytest.raises(ModelError, match="DENSITY_MODEL"):
        build_density_store(settings(tmp_path), model="../secret.onnx")


def test_before_a_camera_needs_it_nothing_is_known(tmp_path: Path) -> None:
    store = build_density_store(settings(tmp_path))
    assert density_status(store) == DensityStatus()


def test_what_is_refused_is_said(tmp_path: Path) -> None:
    store = build_density_store(settings(tmp_path, DENSITY_MODEL="square.onnx"))
    with pytest.raises(ModelError, match="square"):
        counters_of(store)()
    status = density_status(store)
    assert status.info is None
    assert "square" in status.fault
