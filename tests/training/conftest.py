"""Settings of PyTorch for the tests of this folder."""

from __future__ import annotations

from tests.torch_settings import one_thread, own_chance

__all__ = ["one_thread", "own_chance"]
