"""Checks of a source at the moment it is typed in, before anything is opened."""

from __future__ import annotations

from backend.core.camera import SourceSpec, SourceType
from backend.core.errors import InvalidInputError, SourceError
from backend.vision.simulation.catalogue import parse_source
from backend.vision.sources.addresses import check_address, literal_address
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.paths import resolve_below
from backend.vision.sources.url import parse_stream_url
from backend.vision.sources.usb_index import parse_usb_index

_MAX_FPS = 240.0


def validate_source(spec: SourceSpec, limits: SourceLimits) -> None:
    """Check what can be told without opening: scheme, host syntax, address, folder, number.

    Names are not resolved here (a camera may be added before its network is up); their
    addresses are checked at every opening.

    Raises:
        InvalidInputError: with field ``source`` or ``true_fps`` and what to do.
    """
    true_fps = spec.true_fps
    if true_fps is not None and not 0.1 <= true_fps <= _MAX_FPS:
        raise InvalidInputError(
            f"The true frame rate has to lie between 0.1 and {_MAX_FPS:g} Hz, got {true_fps:g}.",
            field="true_fps",
        )
    try:
        _check(spec, limits)
    except SourceError as error:
        raise InvalidInputError(str(error), field="source") from error


def _check(spec: SourceSpec, limits: SourceLimits) -> None:
    if spec.source_type in {SourceType.RTSP, SourceType.HTTP}:
        url = parse_stream_url(spec.source, spec.source_type)
        address = literal_address(url.host)
        if address is not None:
            check_address(address, allow_private=limits.allow_private)
    elif spec.source_type is SourceType.USB:
        parse_usb_index(spec.source)
    elif spec.source_type is SourceType.SIMULATED:
        parse_source(spec.source)
    elif spec.source_type is SourceType.FILE:
        resolve_below(spec.source, limits.file_folders, what="The video file")
    elif spec.source:
        # An upload camera has no file until one is uploaded.
        resolve_below(spec.source, (limits.upload_folder,), what="The uploaded video")
