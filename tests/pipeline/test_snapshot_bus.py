from __future__ import annotations

import logging

import pytest

from backend.core.camera import CameraState
from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.snapshot_bus import SnapshotBus
from tests import builders


def test_latest_is_per_camera_and_replaced() -> None:
    bus = SnapshotBus()
    frame = builders.frame()
    bus.publish(builders.snapshot(camera_id=1, sequence=1), frame)
    bus.publish(builders.snapshot(camera_id=1, sequence=2), frame)
    bus.publish(builders.snapshot(camera_id=2, sequence=1), frame)
    latest = bus.latest(1)
    assert latest is not None
    assert latest.sequence == 2
    assert bus.latest(3) is None
    assert bus.camera_ids() == (1, 2)


def test_every_sink_sees_every_snapshot_until_it_unsubscribes() -> None:
    bus = SnapshotBus()
    seen: list[int] = []
    with_frame: list[tuple[int, int]] = []

    def take(snapshot: Snapshot, frame: Frame) -> None:
        with_frame.append((snapshot.sequence, frame.index))

    unsubscribe = bus.subscribe(lambda snapshot: seen.append(snapshot.sequence))
    bus.subscribe_frames(take)
    bus.publish(builders.snapshot(sequence=1), builders.frame(index=9))
    unsubscribe()
    bus.publish(builders.snapshot(sequence=2), builders.frame(index=10))
    assert seen == [1]
    assert with_frame == [(1, 9), (2, 10)]


def test_a_sink_that_raises_is_counted_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = SnapshotBus()
    seen: list[int] = []

    def broken(_snapshot: Snapshot) -> None:
        raise RuntimeError("disk full")

    bus.subscribe(broken, name="broken")
    bus.subscribe(lambda snapshot: seen.append(snapshot.sequence), name="good")
    with caplog.at_level(logging.ERROR):
        for sequence in (1, 2, 3):
            bus.publish(builders.snapshot(sequence=sequence), builders.frame())
    assert seen == [1, 2, 3]
    stats = {stat.name: stat for stat in bus.stats()}
    assert (stats["broken"].calls, stats["broken"].errors) == (3, 3)
    assert stats["broken"].last_error == "RuntimeError: disk full"
    assert stats["good"].errors == 0
    assert len(caplog.records) == 1, "the same failure is logged once"


def test_statuses_have_their_own_mailbox_and_sinks() -> None:
    bus = SnapshotBus()
    seen: list[CameraState] = []
    bus.subscribe_status(lambda status: seen.append(status.state))
    bus.publish_status(CameraStatus(1, CameraState.CONNECTING))
    bus.publish_status(CameraStatus(1, CameraState.RUNNING))
    status = bus.status(1)
    assert status is not None
    assert status.state is CameraState.RUNNING
    assert seen == [CameraState.CONNECTING, CameraState.RUNNING]
    bus.forget(1)
    assert bus.status(1) is None
