"""CrowdSafe's light network: size, shape, and the front end it begins with."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from backend.vision.density.networks.blocks import count_parameters
from backend.vision.density.networks.light import FROZEN_BLOCKS, LightNetwork


def front_end_of(network: LightNetwork) -> dict[str, Tensor]:
    values = network.features.state_dict()
    return {f"features.{name}": each.clone() for name, each in values.items()}


def test_it_is_light() -> None:
    assert count_parameters(LightNetwork()) <= 1_500_000


@pytest.mark.parametrize("hw", [(64, 96), (16, 16), (80, 48)])
def test_a_cell_is_eight_pixels(hw: tuple[int, int]) -> None:
    network = LightNetwork().eval()
    with torch.inference_mode():
        found = network(torch.randn(2, 3, *hw))
    assert network.stride == 8
    assert found.shape == (2, 1, hw[0] // 8, hw[1] // 8)
    assert found.dtype == torch.float32
    assert (found >= 0).all()
    assert torch.isfinite(found).all()


def test_width_and_context_can_be_chosen() -> None:
    small = LightNetwork(width=16, coarse_dilations=(1,), fine_dilations=())
    assert count_parameters(small) < count_parameters(LightNetwork())
    assert small.eval()(torch.randn(1, 3, 32, 32)).shape == (1, 1, 4, 4)


def test_the_front_end_keeps_its_statistics_while_training() -> None:
    network = LightNetwork()
    network.train()
    before = front_end_of(network)
    network(torch.randn(2, 3, 32, 32)).sum().backward()
    assert not any(each.training for each in network.features.modules())
    assert network.joined.training
    for name, values in front_end_of(network).items():
        assert torch.equal(values, before[name])


def test_the_first_blocks_are_frozen() -> None:
    network = LightNetwork()
    assert network.frozen_modules() == tuple(network.features[:FROZEN_BLOCKS])


def test_the_front_end_takes_weights() -> None:
    source, network = LightNetwork(), LightNetwork()
    weights = front_end_of(source)
    weights["classifier.1.weight"] = torch.ones(3)  # what the file holds beside them
    network.load_front_end(weights)
    for name, values in front_end_of(network).items():
        assert torch.equal(values, weights[name])


def test_a_front_end_with_a_value_missing_is_refused() -> None:
    network = LightNetwork()
    before = front_end_of(network)
    weights = {name: values + 1 for name, values in before.items()}
    del weights["features.4.conv.0.weight"]
    with pytest.raises(ValueError, match=r"features\.4\.conv\.0\.weight is missing"):
        network.load_front_end(weights)
    assert torch.equal(front_end_of(network)["features.0.0.weight"], before["features.0.0.weight"])


def test_a_front_end_of_another_shape_is_refused() -> None:
    network = LightNetwork()
    weights = front_end_of(network) | {"features.0.0.weight": torch.ones(8, 3, 3, 3)}
    with pytest.raises(ValueError, match=r"features\.0\.0\.weight .*\(32, 3, 3, 3\) array"):
        network.load_front_end(weights)


def test_no_weights_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="is missing"):
        LightNetwork().load_front_end({})
