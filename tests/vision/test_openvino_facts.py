"""Device and precision of OpenVINO: what is asked for, and what really computes."""

from __future__ import annotations

import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.openvino_facts import choose_device, choose_precision

NEW_XEON = ("BF16", "WINOGRAD", "FP32", "FP16", "INT8", "BIN", "EXPORT_IMPORT")
OLD_PC = ("WINOGRAD", "FP32", "INT8", "BIN", "EXPORT_IMPORT")
INTEL_GPU = ("FP32", "BIN", "FP16", "INT8", "EXPORT_IMPORT")


@pytest.mark.parametrize(
    ("wanted", "available", "device"),
    [
        ("auto", ["CPU", "GPU"], "CPU"),
        ("cpu", ["CPU"], "CPU"),
        ("gpu", ["CPU", "GPU"], "GPU"),
        ("gpu", ["CPU", "GPU.0", "GPU.1"], "GPU"),
        ("gpu.1", ["CPU", "GPU.0", "GPU.1"], "GPU.1"),
    ],
)
def test_device(wanted: str, available: list[str], device: str) -> None:
    assert choose_device(wanted, available) == device


@pytest.mark.parametrize(
    ("wanted", "available"), [("gpu", ["CPU"]), ("gpu.1", ["CPU", "GPU"]), ("cuda", ["CPU", "GPU"])]
)
def test_a_missing_device_is_named(wanted: str, available: list[str]) -> None:
    with pytest.raises(ModelError, match=f"INFERENCE_DEVICE={wanted}"):
        choose_device(wanted, available)


@pytest.mark.parametrize(
    ("wanted", "able", "precision"),
    [
        ("auto", NEW_XEON, "bf16"),
        ("auto", OLD_PC, "f32"),
        ("auto", INTEL_GPU, "f16"),
        ("f16", NEW_XEON, "f16"),
        ("bf16", OLD_PC, "f32"),
        ("f32", NEW_XEON, "f32"),
    ],
)
def test_precision_is_what_the_device_computes_natively(
    wanted: str, able: tuple[str, ...], precision: str
) -> None:
    assert choose_precision(wanted, able) == precision
