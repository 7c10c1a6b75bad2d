"""From a `SourceSpec` to a `FrameSource`; PyAV is imported only when one is really made."""

from __future__ import annotations

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock
from backend.vision.sources.base import FrameSource, SourceLimits, SourceStart


def make_source(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, start: SourceStart
) -> FrameSource:
    """Return the source for ``spec``, not yet opened.

    Args:
        spec: What to open.
        limits: Folders, timeouts and sizes.
        clock: Stamps and paces the frames.
        start: Where numbering goes on after a reconnect.
    """
    if spec.source_type is SourceType.SIMULATED:
        # Draws and moves people; nothing else needs it.
        from backend.vision.simulation.source import open_simulation  # noqa: PLC0415

        return open_simulation(spec, limits=limits, clock=clock, start=start)
    # Loads PyAV and requests, which a web process that starts no camera does not need.
    from backend.vision.sources.files import open_file_media  # noqa: PLC0415
    from backend.vision.sources.http import open_http_media  # noqa: PLC0415
    from backend.vision.sources.rtsp import open_rtsp_media  # noqa: PLC0415
    from backend.vision.sources.threaded import ThreadedSource  # noqa: PLC0415
    from backend.vision.sources.usb import open_usb_media  # noqa: PLC0415

    opener = {
        SourceType.FILE: open_file_media,
        SourceType.UPLOAD: open_file_media,
        SourceType.RTSP: open_rtsp_media,
        SourceType.HTTP: open_http_media,
        SourceType.USB: open_usb_media,
    }[spec.source_type]
    return ThreadedSource(
        spec=spec,
        open_media=lambda cancellation: opener(
            spec, limits=limits, clock=clock, cancellation=cancellation
        ),
        limits=limits,
        clock=clock,
        start=start,
    )
