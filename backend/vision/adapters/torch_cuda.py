"""Is there an NVIDIA GPU that this machine's torch can use? Answered without importing torch."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from functools import cache
from pathlib import Path

from backend.core.errors import ModelError

_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def count_cuda_devices() -> int:
    """Return how many GPUs NVIDIA's driver offers this process; 0 without a driver."""
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


@cache
def torch_knows_cuda() -> bool:
    """Return whether the installed torch was built for CUDA (importing it takes seconds)."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    return any((Path(found.origin).parent / "lib").glob("*torch_cuda*"))


def choose_torch_device(wanted: str) -> str:
    """Return torch's device for the setting INFERENCE_DEVICE: ``cpu``, ``cuda:0`` …

    Args:
        wanted: ``auto`` (the first NVIDIA GPU if torch can use one, else the processor),
            ``cpu``, ``cuda`` or ``cuda:1`` …

    Raises:
        ModelError: That device is not there; names the setting and the remedy.
    """
    usable = count_cuda_devices() if torch_knows_cuda() else 0
    if wanted == "cpu" or (wanted == "auto" and not usable):
        return "cpu"
    if wanted.startswith("gpu"):
        raise ModelError(
            f"INFERENCE_DEVICE={wanted} (an Intel GPU) is for OpenVINO models: set "
            "INFERENCE_RUNTIME=openvino, or INFERENCE_DEVICE=auto"
        )
    number = int(wanted.partition(":")[2] or 0) if wanted != "auto" else 0
    if number < usable:
        return f"cuda:{number}"
    if not torch_knows_cuda():
        raise ModelError(
            f"INFERENCE_DEVICE={wanted}: the installed torch is not built for CUDA; install the "
            "CUDA build of the same version, or set INFERENCE_DEVICE=auto"
        )
    raise ModelError(
        f"INFERENCE_DEVICE={wanted}: NVIDIA's driver offers {usable} GPUs to this process; set "
        "INFERENCE_DEVICE=auto"
    )
