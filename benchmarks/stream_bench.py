"""How often a picture is encoded when fifty people watch the same stream."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import numpy as np

from backend.core.camera import DEFAULT_OVERLAYS
from backend.core.clock import SystemClock
from backend.core.frame import Frame
from backend.pipeline.frame_hub import FrameHub, FrameHubParams
from backend.pipeline.picture_encoder import StreamVariant
from backend.vision.overlay import OverlayRenderer
from benchmarks.figures import Figure, figure
from benchmarks.overlay_bench import crowd_snapshot

VIEWERS = 50
FRAMES = 40
PICTURE_WH = (1920, 1080)
FRAME_TIMEOUT_S = 20.0


def measure() -> list[Figure]:
    """Return encodings per frame delivered to 50 viewers of one variant."""
    clock = SystemClock()
    hub = FrameHub(OverlayRenderer(), clock=clock, params=FrameHubParams(stream_max_fps=60.0))
    variant = StreamVariant(DEFAULT_OVERLAYS, 960)
    snapshot = crowd_snapshot(30, PICTURE_WH)
    picture = np.full((PICTURE_WH[1], PICTURE_WH[0], 3), 60, np.uint8)
    everybody = threading.Barrier(VIEWERS + 1)
    received = [0] * VIEWERS

    def view(number: int) -> None:
        with hub.watch(snapshot.camera_id, variant) as subscription:
            everybody.wait(FRAME_TIMEOUT_S)
            for _ in range(FRAMES):
                received[number] += subscription.next(FRAME_TIMEOUT_S) is not None
                everybody.wait(FRAME_TIMEOUT_S)

    viewers = [
        threading.Thread(target=view, args=(number,), name=f"viewer-{number}")
        for number in range(VIEWERS)
    ]
    for viewer in viewers:
        viewer.start()
    try:
        everybody.wait(FRAME_TIMEOUT_S)
        for index in range(FRAMES):
            hub.offer(
                snapshot,
                Frame(
                    index=index,
                    image=picture,
                    stream_time_s=index / 25,
                    segment=0,
                    captured_at=datetime.now(UTC),
                    captured_mono_s=clock.monotonic(),
                ),
            )
            everybody.wait(FRAME_TIMEOUT_S)
    finally:
        counters = hub.counters()
        hub.stop()
        for viewer in viewers:
            viewer.join(FRAME_TIMEOUT_S)
    return [
        figure(
            "stream.encodes_per_frame_50_viewers",
            counters.encodes / FRAMES,
            "encodes/frame",
            target="== 1",
            note=f"{FRAMES} frames offered, {sum(received)} pictures received by {VIEWERS} viewers",
        )
    ]
