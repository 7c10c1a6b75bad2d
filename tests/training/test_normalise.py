"""From decoded pictures to what the networks take."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.builders import image
from training.normalise import MULTIPLE, pad_to_multiple, to_tensor


def test_values_are_those_of_imagenet_in_rgb() -> None:
    found = to_tensor([image(width=5, height=4, value=(0, 51, 255))])
    assert (found.shape, found.dtype) == ((1, 3, 4, 5), torch.float32)
    red, green, blue = found[0, :, 2, 2].tolist()
    assert red == pytest.approx((1.0 - 0.485) / 0.229, abs=1e-5)
    assert green == pytest.approx((0.2 - 0.456) / 0.224, abs=1e-5)
    assert blue == pytest.approx((0.0 - 0.406) / 0.225, abs=1e-5)


def test_pictures_keep_their_order_and_are_channels_last() -> None:
    found = to_tensor([image(width=8, height=6, value=value) for value in (0, 255)])
    assert found.shape == (2, 3, 6, 8)
    assert (found[0] < found[1]).all()
    assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("hw", "padded"), [((16, 32), (16, 32)), ((17, 32), (32, 32)), ((1, 15), (16, 16))]
)
def test_padding_continues_the_border(hw: tuple[int, int], padded: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (*hw, 3), np.uint8)
    found = pad_to_multiple(picture)
    assert found.shape == (*padded, 3)
    assert not found.shape[0] % MULTIPLE
    assert (found[: hw[0], : hw[1]] == picture).all()
    assert (found[hw[0] :, : hw[1]] == picture[-1]).all()
    assert (found[: hw[0], hw[1] :] == picture[:, -1:]).all()
