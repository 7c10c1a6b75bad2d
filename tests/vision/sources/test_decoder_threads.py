"""Threads stay bounded whatever the number of cameras."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from backend.core.camera import SourceType
from backend.vision.sources import SourceLimits
from backend.vision.sources.decoder_threads import DECODER_THREADS, ThreadBudget
from tests.vision.sources.clips import even_times, write_clip
from tests.vision.sources.conftest import OpenSource
from tests.vision.sources.reading import open_handles, python_threads, read_some

CAMERAS = 12


def test_what_is_lent_is_missing_until_it_is_given_back() -> None:
    budget = ThreadBudget(3)
    assert [budget.lend(2), budget.lend(2), budget.lend(2)] == [2, 1, 0]
    budget.give_back(2)
    assert budget.lend(5) == 2


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc here")
@pytest.mark.parametrize("source_type", [SourceType.FILE, SourceType.UPLOAD])
def test_twelve_cameras_make_twelve_readers_and_at_most_a_decoder_thread_a_core(
    open_source: OpenSource, limits: SourceLimits, source_type: SourceType
) -> None:
    folder = limits.upload_folder if source_type is SourceType.UPLOAD else limits.file_folders[0]
    path = write_clip(folder / "cam.mp4", times_s=even_times(250, 25), width=320, height=240)
    before = open_handles()[1]
    sources = [open_source(source_type, path) for _ in range(CAMERAS)]
    for source in sources:
        read_some(source, 2)
    assert python_threads() == {f"source-{source_type}"}
    assert open_handles()[1] - before <= CAMERAS + (os.cpu_count() or 1)
    for source in sources:
        source.close()
    gc.collect()
    assert open_handles()[1] <= before  # what an earlier test left may end meanwhile
    assert DECODER_THREADS.lend(1000) == (os.cpu_count() or 1), "all were given back"
    DECODER_THREADS.give_back(os.cpu_count() or 1)
