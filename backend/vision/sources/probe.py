"""Trying a source: does it open, what does it look like, how fast is it really?"""

from __future__ import annotations

from pathlib import Path

from backend.core.camera import SourceInfo, SourceSpec, SourceType
from backend.core.clock import Clock, SystemClock
from backend.core.errors import SourceEnded, SourceLostError
from backend.core.frame import Frame
from backend.vision.sources.base import FrameSource, ProbeResult, SourceLimits, SourceStart
from backend.vision.sources.factory import make_source

_MEASURE_S = 1.5
_MEASURE_FRAMES = 60
_READ_S = 0.25


def probe_source(spec: SourceSpec, *, limits: SourceLimits, clock: Clock) -> ProbeResult:
    """Open a source, take its first frame and measure its rate for a second and a half.

    Raises:
        SourceRefusedError, SourceLostError: as `FrameSource.open` and ``read``, with a
            sentence for the person who is adding the camera.
    """
    source = make_source(spec, limits=limits, clock=clock, start=SourceStart())
    try:
        source.open()
        first, last = _read_frames(source, clock=clock, limits=limits)
        return ProbeResult(
            info=source.info, first_frame=first.image, frame_rate_hz=_frame_rate(first, last)
        )
    finally:
        source.close()


def probe_upload(path: Path, *, limits: SourceLimits) -> SourceInfo:
    """Return what an uploaded video is, after decoding its first picture.

    Args:
        path: The file, below ``limits.upload_folder``.

    Raises:
        SourceRefusedError: why it cannot be analysed, in a sentence for the uploader.
        SourceLostError: it is not there.
    """
    # Loads PyAV, which the web process needs only when somebody uploads.
    from backend.vision.sources.cancellation import Cancellation  # noqa: PLC0415
    from backend.vision.sources.files import open_file_media  # noqa: PLC0415

    media = open_file_media(
        SourceSpec(SourceType.UPLOAD, str(path)),
        limits=limits,
        clock=SystemClock(),
        cancellation=Cancellation(),
    )
    try:
        return media.info
    finally:
        media.close()


def _read_frames(source: FrameSource, *, clock: Clock, limits: SourceLimits) -> tuple[Frame, Frame]:
    """Return the first frame and the last one seen while measuring."""
    began_s = clock.monotonic()
    first: Frame | None = None
    last: Frame | None = None
    frames = 0
    while frames < _MEASURE_FRAMES:
        try:
            frame = source.read(_READ_S)
        except (SourceEnded, SourceLostError):
            if first is None:
                raise
            break
        waited_s = clock.monotonic() - began_s
        if frame is not None:
            frames += 1
            last = frame
            if first is None:
                first, began_s = frame, clock.monotonic()
                continue
        if waited_s > (limits.read_timeout_s if first is None else _MEASURE_S):
            break
    if first is None or last is None:
        raise SourceLostError(f"No picture came within {limits.read_timeout_s:.0f} s.")
    return first, last


def _frame_rate(first: Frame, last: Frame) -> float | None:
    seconds = last.stream_time_s - first.stream_time_s
    if last.segment != first.segment or last.index == first.index or seconds <= 0:
        return None
    return (last.index - first.index) / seconds
