"""Which device and precision OpenVINO is to use, and which it really used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from backend.core.errors import ModelError

PRECISIONS = ("f32", "bf16", "f16")
_ABLE = {"bf16": "BF16", "f16": "FP16"}
_HEAVY_LAYERS = frozenset({"Convolution", "FullyConnected", "MatMul", "GroupConvolution"})
_NAMES = {"u8": "int8", "i8": "int8"}


def choose_device(wanted: str, available: Sequence[str]) -> str:
    """Return OpenVINO's name of the device for the setting INFERENCE_DEVICE.

    ``auto`` is the processor even where an Intel GPU stands by: that one needs a driver of its
    own, compiles a network much longer, and whether it beats the processor's int8 units differs
    from machine to machine. Whoever has seen that it helps asks for ``gpu``.

    Args:
        wanted: ``auto``, ``cpu``, ``gpu`` or ``gpu.1`` …
        available: What OpenVINO offers here, for instance ``["CPU", "GPU"]``.

    Raises:
        ModelError: OpenVINO does not offer that device here.
    """
    if wanted in {"auto", "cpu"}:
        return "CPU"
    device = wanted.upper()
    # One GPU is listed as "GPU", several as "GPU.0", "GPU.1" …; "GPU" stands for the first.
    if device in available or f"{device}.0" in available:
        return device
    if wanted.startswith("cuda"):
        raise ModelError(
            f"INFERENCE_DEVICE={wanted} is not for OpenVINO models: export the weights for torch "
            "(INFERENCE_RUNTIME=torch) or set INFERENCE_DEVICE=auto"
        )
    raise ModelError(
        f"INFERENCE_DEVICE={wanted}: OpenVINO offers only {', '.join(available)} here; install "
        "Intel's graphics compute driver, or set INFERENCE_DEVICE=cpu"
    )


def choose_precision(wanted: str, able: Sequence[str]) -> str:
    """Return the precision to ask for: the cheapest the device computes natively.

    Args:
        wanted: ``auto`` or one of `PRECISIONS`; f32 where the device lacks the one asked for.
        able: The device's ``OPTIMIZATION_CAPABILITIES``.

    Example:
        ``auto`` on ``["BF16", "FP32", "FP16", "INT8"]`` is bf16: the same speed as f16 where both
        are native, and it keeps f32's range.
    """
    if wanted == "auto":
        return next((name for name, word in _ABLE.items() if word in able), "f32")
    return wanted if _ABLE.get(wanted, "") in able else "f32"


def read_precision(compiled: Any) -> str:
    """Return the precision most of a compiled model's heavy layers really run in.

    Read from the executed graph, not from the hint: an int8 model keeps a few layers in the
    hint's precision, and a device without a wanted precision quietly takes another.

    Returns:
        ``int8``, or one of `PRECISIONS`; what the model was compiled for if it has no such layer.
    """
    used: Counter[str] = Counter()
    for layer in compiled.get_runtime_model().get_ops():
        facts = layer.get_rt_info()
        if facts["layerType"].astype(str) in _HEAVY_LAYERS:
            used[facts["runtimePrecision"].astype(str)] += 1
    if used:
        name = used.most_common(1)[0][0]
    else:
        name = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    return _NAMES.get(name, name)
