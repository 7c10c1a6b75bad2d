"""Which device torch is given; the answer depends on the machine, so both are asserted."""

from __future__ import annotations

import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.torch_cuda import (
    choose_torch_device,
    count_cuda_devices,
    torch_knows_cuda,
)

USABLE = count_cuda_devices() if torch_knows_cuda() else 0


def test_auto_is_the_gpu_where_there_is_one() -> None:
    assert choose_torch_device("cpu") == "cpu"
    assert choose_torch_device("auto") == ("cuda:0" if USABLE else "cpu")


def test_the_driver_agrees_with_torch() -> None:
    import torch  # noqa: PLC0415 - slow

    assert (torch.cuda.device_count() if torch_knows_cuda() else 0) == USABLE


def test_a_gpu_that_is_not_there_is_named_with_its_remedy() -> None:
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=cuda:77.*INFERENCE_DEVICE=auto"):
        choose_torch_device("cuda:77")
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=gpu.*INFERENCE_RUNTIME=openvino"):
        choose_torch_device("gpu")
