"""The plaza, the stage and the hall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.place_graph.graph_world import GraphWorld


@pytest.fixture
def world(manual_clock: ManualClock) -> Iterator[GraphWorld]:
    """Places without links or cards."""
    engine = make_engine()
    yield GraphWorld(manual_clock, engine)
    engine.dispose()
