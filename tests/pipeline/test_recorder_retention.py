"""Which recordings go: by age, by disk, oldest first, never one that is open."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backend.pipeline.recording.retention import (
    RetentionParams,
    StorageKeeper,
    plan_purge,
)
from backend.pipeline.recording.segments import StoredSegment
from tests.builders import EPOCH, ManualClock

MB = 1024 * 1024
PARAMS = RetentionParams(keep_days=14, min_free_bytes=100 * MB)


def segment(
    row_id: int, *, age_days: float = 1.0, size_mb: int = 40, is_open: bool = False
) -> StoredSegment:
    ended = EPOCH - timedelta(days=age_days)
    return StoredSegment(
        row_id=row_id,
        camera_id=1,
        path=f"camera-1/{row_id}.mp4",
        started_at=ended - timedelta(minutes=5),
        ended_at=None if is_open else ended,
        size_bytes=size_mb * MB,
    )


def ids(segments: tuple[StoredSegment, ...]) -> list[int]:
    return [segment.row_id for segment in segments]


def test_nothing_goes_while_there_is_room_and_nothing_is_old() -> None:
    plan = plan_purge([segment(1)], now=EPOCH, free_bytes=200 * MB, params=PARAMS)
    assert (plan.expired, plan.emergency, plan.missing_bytes) == ((), (), 0)


def test_old_ones_go_whatever_the_room() -> None:
    segments = [segment(3, age_days=1), segment(1, age_days=20), segment(2, age_days=14.1)]
    plan = plan_purge(segments, now=EPOCH, free_bytes=200 * MB, params=PARAMS)
    assert ids(plan.expired) == [1, 2]
    assert plan.emergency == ()


def test_without_room_the_oldest_go_until_there_is_a_little_more_than_asked() -> None:
    segments = [segment(n, age_days=10 - n) for n in range(1, 8)]
    plan = plan_purge(segments, now=EPOCH, free_bytes=20 * MB, params=PARAMS)
    assert ids(plan.emergency) == [1, 2, 3]
    assert plan.missing_bytes == 0


def test_what_expires_counts_before_younger_ones_go() -> None:
    segments = [segment(1, age_days=20, size_mb=100), segment(2)]
    plan = plan_purge(segments, now=EPOCH, free_bytes=20 * MB, params=PARAMS)
    assert (ids(plan.expired), plan.emergency) == ([1], ())


def test_open_ones_stay_and_the_shortage_is_named() -> None:
    segments = [segment(1, is_open=True), segment(2, size_mb=10)]
    plan = plan_purge(segments, now=EPOCH, free_bytes=20 * MB, params=PARAMS)
    assert ids(plan.emergency) == [2]
    assert plan.missing_bytes == 70 * MB


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(0, 80), st.booleans()), max_size=30),
    st.integers(0, 300),
)
def test_the_plan_is_sound(rows: list[tuple[float, int, bool]], free_mb: int) -> None:
    segments = [
        segment(n, age_days=age, size_mb=size, is_open=is_open)
        for n, (age, size, is_open) in enumerate(rows)
    ]
    plan = plan_purge(segments, now=EPOCH, free_bytes=free_mb * MB, params=PARAMS)
    chosen = (*plan.expired, *plan.emergency)
    assert len({s.row_id for s in chosen}) == len(chosen)
    assert all(s.ended_at is not None for s in chosen)
    kept = [s for s in segments if s.ended_at is not None and s not in chosen]
    if plan.emergency:
        newest = max(s.age_at for s in plan.emergency)
        assert all(s.age_at >= newest for s in kept)
        before_last = free_mb * MB + sum(s.size_bytes for s in chosen[:-1])
        assert before_last < PARAMS.min_free_bytes * 1.1
    free_after = free_mb * MB + sum(s.size_bytes for s in chosen)
    assert plan.missing_bytes == max(PARAMS.min_free_bytes - free_after, 0)
    assert not (plan.missing_bytes and kept)


def test_the_result_of_an_old_film_is_as_young_as_its_file() -> None:
    filmed_long_ago = replace(segment(1, age_days=400), written_at=EPOCH - timedelta(days=1))
    plan = plan_purge([filmed_long_ago], now=EPOCH, free_bytes=200 * MB, params=PARAMS)
    assert plan.expired == ()


def keeper(
    folder: Path, segments: list[StoredSegment], forgotten: list[int], room: list[bool]
) -> StorageKeeper:
    return StorageKeeper(
        folder,
        list_segments=lambda: [s for s in segments if s.row_id not in forgotten],
        forget_segment=forgotten.append,
        on_room=lambda has_room, _free: room.append(has_room),
        clock=ManualClock(),
        params=PARAMS,
        measure_free=lambda _folder: 20 * MB + 40 * MB * len(forgotten),
    )


def test_files_rows_and_empty_folders_go_together(tmp_path: Path) -> None:
    segments = [segment(1, age_days=20), segment(2, age_days=15), segment(3, size_mb=1)]
    for item in segments:
        path = tmp_path / item.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(item.size_bytes))
        written_s = item.age_at.timestamp()
        os.utime(path, (written_s, written_s))
    (tmp_path / segments[1].path).unlink()
    forgotten: list[int] = []
    room: list[bool] = []
    keeper(tmp_path, segments, forgotten, room).tick()
    assert forgotten == [1, 2, 3]
    assert room == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_path_outside_the_folder_is_never_deleted(tmp_path: Path) -> None:
    outside = tmp_path / "keep.mp4"
    outside.write_bytes(b"mine")
    folder = tmp_path / "recordings"
    folder.mkdir()
    evil = [
        StoredSegment(1, 1, "../keep.mp4", EPOCH - timedelta(days=30), EPOCH - timedelta(29), 1)
    ]
    forgotten: list[int] = []
    keeper(folder, evil, forgotten, []).tick()
    assert outside.exists()
    assert forgotten == []


def test_the_keeper_survives_a_database_that_is_away(tmp_path: Path) -> None:
    calls: list[int] = []

    def away() -> list[StoredSegment]:
        calls.append(1)
        raise ConnectionError("database is away")

    made = StorageKeeper(
        tmp_path,
        list_segments=away,
        forget_segment=lambda _row_id: None,
        on_room=lambda _has_room, _free: None,
        clock=ManualClock(),
        params=RetentionParams(interval_s=0.001),
        measure_free=lambda _folder: 0,
    )
    made.start()
    made.start()
    assert made.stop()
    assert made.stop()
    assert calls
