"""Cameras plugged into this machine."""

from __future__ import annotations

import sys

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import SourceRefusedError
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.media import Media, MediaInput
from backend.vision.sources.usb_index import parse_usb_index


def open_usb_media(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, cancellation: Cancellation
) -> Media:
    """Open a ``usb`` source (Video4Linux on Linux, AVFoundation on macOS).

    Raises:
        SourceRefusedError: not a camera number, or a system without support.
        SourceLostError: not plugged in, in use, or silent.
    """
    index = parse_usb_index(spec.source)
    if sys.platform.startswith("linux"):
        # AVFMT_FLAG_NONBLOCK, which has no name among FFmpeg's options: a camera that stops
        # sending must not hold the thread for ever.
        name, format_name, options = f"/dev/video{index}", "v4l2", {"fflags": "+4"}
    elif sys.platform == "darwin":
        name, format_name, options = f"{index}:none", "avfoundation", {"framerate": "30"}
    else:
        raise SourceRefusedError("USB cameras are supported on Linux and macOS only.")
    return Media(
        MediaInput(
            source_type=SourceType.USB,
            file=name,
            label=f"USB camera {index}",
            format_name=format_name,
            options=options,
        ),
        limits=limits,
        clock=clock,
        stop=cancellation.event,
    )
