"""Networks by name, and the front end's ImageNet weights."""

from __future__ import annotations

import pytest
import torch

from training.networks import NETWORK_NAMES, build_network, load_front_end_weights


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_every_network_maps_a_picture_to_people_per_cell(name: str) -> None:
    network = build_network(name).eval()

    with torch.inference_mode():
        found = network(torch.zeros(1, 3, 64, 96))

    stride = int(network.stride)  # type: ignore[arg-type]
    assert found.shape == (1, 1, 64 // stride, 96 // stride)
    assert bool((found >= 0).all())


def test_an_unknown_network_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="light, mcnn, csrnet, sanet, got 'resnet'"):
        build_network("resnet")


def test_the_front_end_takes_the_bundled_weights() -> None:
    network = build_network("light")
    weights = load_front_end_weights()

    network.load_front_end(weights)  # type: ignore[operator]

    found = network.state_dict()["features.0.0.weight"]
    assert torch.equal(found, weights["features.0.0.weight"])
