"""Time of dense optical flow on one core: reducing, searching, refining, background motion."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import cv2
import numpy as np

from backend.core.frame import Image
from backend.vision.flow_cells import GreyArray
from backend.vision.optical_flow import DenseFlow, reduce_picture
from benchmarks.figures import Figure, assets_folder, figure

CLIP = "street-night-dense.mp4"
_RATE_HZ = 10.0
_PICTURES = 28
_ROUNDS = 3


def measure() -> list[Figure]:
    """Return the row of ``make bench``: median milliseconds a picture, one thread."""
    pictures, source = _pictures()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        whole = _whole_ms(pictures)
        reducing = _median_ms([partial(reduce_picture, picture) for picture in pictures])
        greys = [reduce_picture(picture) for picture in pictures]
        preset = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        stock = _median_ms([partial(_search, preset, *pair) for pair in pairwise(greys)])
    finally:
        cv2.setNumThreads(threads)
    height, width = pictures[0].shape[:2]
    note = (
        f"{source}, {width}x{height}, of which {reducing:.1f} ms for reducing it; baseline: "
        f"OpenCV's DIS alone, preset FAST, {stock:.1f} ms"
    )
    name = "crowd.optical_flow_ms_480x270"
    return [figure(name, round(whole, 2), "ms", target="<= 12", note=note)]


def _whole_ms(pictures: list[Image]) -> float:
    """Every picture is a tenth of a second after the one before, so that each is compared."""
    calls: list[Callable[[], object]] = []
    for _ in range(_ROUNDS):
        meter = DenseFlow()
        meter.update(pictures[0], stream_time_s=0.0, segment=0)
        calls += [
            partial(meter.update, picture, stream_time_s=number / _RATE_HZ, segment=0)
            for number, picture in enumerate(pictures[1:], 1)
        ]
    return _median_ms(calls)


def _search(flow: cv2.DISOpticalFlow, before: GreyArray, after: GreyArray) -> object:
    return flow.calc(before, after, np.zeros((*before.shape, 2), np.float32))


def _median_ms(calls: Sequence[Callable[[], object]]) -> float:
    times = []
    for call in calls:
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def _pictures() -> tuple[list[Image], str]:
    """Every third frame of the dense clip, or a drifting texture without the test material."""
    assets = assets_folder()
    path = assets / "videos" / CLIP if assets else None
    if path is not None and path.is_file():
        capture = cv2.VideoCapture(str(path))
        frames: list[Image] = []
        while len(frames) < 3 * _PICTURES:
            ok, frame = capture.read()
            if not ok:
                break
            frames.append(np.asarray(frame, np.uint8))
        capture.release()
        if len(frames) >= 6:
            return frames[::3], CLIP
    noise = np.random.default_rng(3).normal(size=(1280, 1020))
    smooth = cv2.GaussianBlur(noise, (0, 0), 4.0)
    grey = np.clip(128 + 35 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    texture = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    return [
        np.ascontiguousarray(texture[:, 5 * k : 5 * k + 720]) for k in range(_PICTURES)
    ], "drifting texture"


if __name__ == "__main__":
    for row in measure():
        print(row)
