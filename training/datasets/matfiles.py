"""Reading the MATLAB files most counting datasets keep their labels in."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from training.datasets.base import HeadArray, LabelError

_UNREADABLE = (ValueError, TypeError, IndexError, KeyError, OSError, EOFError, struct.error)


def read_mat(path: Path) -> Mapping[str, Any]:
    """Read the variables of a MATLAB file, of version 7.3 (HDF5) too where h5py is installed.

    Raises:
        LabelError: The file is missing or is no MATLAB file; names it.
    """
    if not path.is_file():
        raise LabelError(f"{path.name} is missing")
    try:
        variables: Mapping[str, Any] = loadmat(path)
    except NotImplementedError:
        return _read_hdf5(path)
    except (*_UNREADABLE, MatReadError, zlib.error) as error:
        raise LabelError(f"{path.name} is no MATLAB file ({error})") from error
    return variables


def as_heads(positions: Any, name: str) -> HeadArray:
    """Return labelled positions as (N, 2) float32; an empty array of any shape is nobody.

    Raises:
        LabelError: They are no numbers or no N x 2 array; names ``name``.
    """
    array = np.asarray(positions)
    if array.dtype.kind not in "iuf":
        raise LabelError(f"{name}: positions must be numbers, got {array.dtype}")
    if array.size == 0:
        return np.zeros((0, 2), np.float32)
    if array.ndim != 2 or array.shape[1] != 2:
        raise LabelError(f"{name}: positions must be N x 2, got {_times(array.shape)}")
    return array.astype(np.float32)


def read_heads(path: Path, variable: str) -> HeadArray:
    """Read the positions that stand in one variable of a MATLAB file.

    Raises:
        LabelError: No such file, variable or positions; names it.
    """
    variables = read_mat(path)
    if variable not in variables:
        raise LabelError(f"{path.name} holds no {variable}")
    return as_heads(variables[variable], f"{path.name}, {variable}")


def read_number(variables: Mapping[str, Any], name: str) -> int | None:
    """Return a variable that is one whole number; None where there is none such."""
    value = np.asarray(variables.get(name, ()))
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        return None
    return int(value.reshape(-1)[0])


def _read_hdf5(path: Path) -> Mapping[str, Any]:
    # Only some files of WorldExpo'10 need it, so that training does without where it can.
    try:
        h5py: Any = import_module("h5py")
    except ImportError as error:
        raise LabelError(
            f"{path.name} was saved by MATLAB as version 7.3: install h5py to read it"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            # HDF5 keeps MATLAB's arrays with their axes reversed, and nobody as two zeros.
            return {
                name: np.zeros((0, 2)) if "MATLAB_empty" in each.attrs else each[()].T
                for name, each in file.items()
                if isinstance(each, h5py.Dataset)
            }
    except _UNREADABLE as error:
        raise LabelError(f"{path.name} is no MATLAB file ({error})") from error


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(each) for each in shape) if shape else "one number"
