"""Every worked example in the docstrings of crowd/ and risk/ comes out as written."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from types import ModuleType

import numpy as np
import pytest

import backend.crowd
import backend.risk


def _modules() -> list[ModuleType]:
    return [
        importlib.import_module(found.name)
        for package in (backend.crowd, backend.risk)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]


@pytest.mark.parametrize("module", _modules(), ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    # Libraries of vision change how numpy prints for whoever comes after them.
    with np.printoptions(formatter=None, linewidth=75, precision=8, suppress=False):
        assert doctest.testmod(module).failed == 0
