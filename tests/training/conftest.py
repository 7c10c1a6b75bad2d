"""PyTorch as every test finds it: one thread, its own chance, no settings left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def _own_torch() -> Iterator[None]:
    threads = torch.get_num_threads()
    is_deterministic = torch.are_deterministic_algorithms_enabled()
    is_warning = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        yield
    torch.use_deterministic_algorithms(is_deterministic, warn_only=is_warning)
    torch.set_num_threads(threads)
