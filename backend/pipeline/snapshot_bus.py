"""Where every analysed frame is published once; nobody reaches into a processor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.listeners import GuardedListener, ListenerStats
from backend.pipeline.mailbox import Letter, Mailbox, ValueT

SnapshotSink: TypeAlias = Callable[[Snapshot], None]
FrameSink: TypeAlias = Callable[[Snapshot, Frame], None]
StatusSink: TypeAlias = Callable[[CameraStatus], None]
Unsubscribe: TypeAlias = Callable[[], None]


class SnapshotBus:
    """One mailbox per camera for snapshots and one for statuses, and the sinks that follow.

    Sinks are called on the publishing (video) thread in the order they subscribed and must
    only enqueue. A sink that raises is counted and logged and never harms the camera or the
    other sinks.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshots: dict[int, Mailbox[Snapshot]] = {}
        self._statuses: dict[int, Mailbox[CameraStatus]] = {}
        # replaced, never changed in place: publishers read them without a lock
        self._snapshot_sinks: tuple[GuardedListener[Snapshot], ...] = ()
        self._frame_sinks: tuple[GuardedListener[Snapshot, Frame], ...] = ()
        self._status_sinks: tuple[GuardedListener[CameraStatus], ...] = ()

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        """Replace the camera's latest snapshot and call every sink."""
        self._mailbox(self._snapshots, snapshot.camera_id).put(snapshot)
        for sink in self._snapshot_sinks:
            sink(snapshot)
        for frame_sink in self._frame_sinks:
            frame_sink(snapshot, frame)

    def publish_status(self, status: CameraStatus) -> None:
        """Replace the camera's status and call every status sink."""
        self._mailbox(self._statuses, status.camera_id).put(status)
        for sink in self._status_sinks:
            sink(status)

    def latest(self, camera_id: int) -> Snapshot | None:
        """Return the newest snapshot of a camera, however old: look at its age."""
        letter = self._letter(self._snapshots, camera_id)
        return None if letter is None else letter.value

    def wait_newer(self, camera_id: int, number: int, timeout_s: float) -> Letter[Snapshot] | None:
        """Return the camera's newest snapshot if its number is above ``number``, else wait."""
        return self._mailbox(self._snapshots, camera_id).wait_newer(number, timeout_s)

    def status(self, camera_id: int) -> CameraStatus | None:
        """Return the last published status of a camera, None if it never ran."""
        letter = self._letter(self._statuses, camera_id)
        return None if letter is None else letter.value

    def camera_ids(self) -> tuple[int, ...]:
        """Return the cameras that have published anything."""
        with self._lock:
            return tuple(sorted({*self._snapshots, *self._statuses}))

    def forget(self, camera_id: int) -> None:
        """Drop what is known of a deleted camera."""
        with self._lock:
            self._snapshots.pop(camera_id, None)
            self._statuses.pop(camera_id, None)

    def subscribe(self, sink: SnapshotSink, *, name: str = "") -> Unsubscribe:
        """Have ``sink`` called with every snapshot; return what ends the subscription."""
        listener = GuardedListener(name or _name_of(sink), sink)
        with self._lock:
            self._snapshot_sinks += (listener,)
        return lambda: self._remove(listener)

    def subscribe_frames(self, sink: FrameSink, *, name: str = "") -> Unsubscribe:
        """Like `subscribe`, for sinks that also need the picture (FrameHub, Recorder)."""
        listener = GuardedListener(name or _name_of(sink), sink)
        with self._lock:
            self._frame_sinks += (listener,)
        return lambda: self._remove(listener)

    def subscribe_status(self, sink: StatusSink, *, name: str = "") -> Unsubscribe:
        """Have ``sink`` called with every camera status."""
        listener = GuardedListener(name or _name_of(sink), sink)
        with self._lock:
            self._status_sinks += (listener,)
        return lambda: self._remove(listener)

    def stats(self) -> tuple[ListenerStats, ...]:
        """Return calls and errors of every sink, for health."""
        return (
            *(sink.stats() for sink in self._snapshot_sinks),
            *(sink.stats() for sink in self._frame_sinks),
            *(sink.stats() for sink in self._status_sinks),
        )

    def _remove(self, listener: object) -> None:
        with self._lock:
            self._snapshot_sinks = tuple(s for s in self._snapshot_sinks if s is not listener)
            self._frame_sinks = tuple(s for s in self._frame_sinks if s is not listener)
            self._status_sinks = tuple(s for s in self._status_sinks if s is not listener)

    def _mailbox(self, boxes: dict[int, Mailbox[ValueT]], camera_id: int) -> Mailbox[ValueT]:
        with self._lock:
            return boxes.setdefault(camera_id, Mailbox())

    def _letter(self, boxes: dict[int, Mailbox[ValueT]], camera_id: int) -> Letter[ValueT] | None:
        with self._lock:
            box = boxes.get(camera_id)
        return None if box is None else box.latest()


def _name_of(sink: Callable[..., object]) -> str:
    return str(getattr(sink, "__qualname__", type(sink).__name__))
