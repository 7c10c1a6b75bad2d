"""Why a source could not be used, in sentences a person understands.

FFmpeg's own words ("Invalid data found when processing input") help nobody at the desk.
"""

from __future__ import annotations

import errno
from typing import Any

import av.error

from backend.core.errors import SourceError, SourceLostError, SourceRefusedError

ACCEPTED = "MP4, MOV, MKV, WebM, AVI or MPEG-TS"
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "MP4"),
    (4, b"moov", "MP4"),
    (4, b"mdat", "MP4"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska"),
    (0, b"RIFF", "AVI"),
)


def unreadable_file(label: str, file: Any) -> SourceError:
    """Return the refusal of a file FFmpeg could not open.

    A file that begins like a video but has no index was cut off; anything else is no video.
    """
    head = _head(file)
    for offset, signature, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return SourceRefusedError(
                f"{label} begins like a {kind} video but cannot be opened: it is damaged or was "
                "cut off before its end. Copy or upload it again."
            )
    return SourceRefusedError(f"{label} is not a video in a supported format ({ACCEPTED}).")


def _head(file: Any) -> bytes:
    try:
        file.seek(0)
        return bytes(file.read(64))
    except (OSError, ValueError, AttributeError):
        return b""


def no_picture_stream(label: str, *, has_sound: bool) -> SourceRefusedError:
    """Return the refusal of something without moving pictures."""
    if has_sound:
        return SourceRefusedError(f"{label} holds only sound, no picture.")
    return SourceRefusedError(f"{label} holds no moving picture.")


def nothing_decodable(label: str, *, is_live: bool) -> SourceError:
    """Return the error for a stream that ended before its first picture."""
    if is_live:
        return SourceLostError(f"{label} ended before its first picture.")
    return SourceRefusedError(
        f"None of the pictures of {label} can be decoded: it is damaged or was cut off."
    )


def live_failure(error: Exception, label: str, *, opening: bool) -> SourceError:
    """Return what an FFmpeg error means for a camera.

    Only a refused password is final (cameras lock accounts after a few wrong ones); all else
    may pass, so it counts as lost and is tried again.
    """
    if isinstance(error, av.error.HTTPUnauthorizedError):
        return SourceRefusedError(f"{label} did not accept the user name or password.")
    if isinstance(error, av.error.ExitError | TimeoutError):
        what = "did not answer in time" if opening else "stopped sending pictures"
        return SourceLostError(f"{label} {what}.")
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceLostError(f"{label} has no stream under this path (404).")
    if isinstance(error, av.error.HTTPForbiddenError):
        return SourceLostError(f"{label} forbids access to this stream (403).")
    if isinstance(error, ConnectionRefusedError):
        return SourceLostError(f"{label} refused the connection: is it switched on?")
    if isinstance(error, OSError) and error.errno in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        return SourceLostError(f"{label} is not there: is it plugged in?")
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM}:
        return SourceLostError(f"{label} may not be opened by CrowdSafe (permission denied).")
    if isinstance(error, OSError) and error.errno == errno.EBUSY:
        return SourceLostError(f"{label} is in use by another program.")
    if isinstance(error, EOFError) and opening:
        return SourceLostError(f"{label} ended its answer before any video came.")
    if isinstance(error, av.error.InvalidDataError) and opening:
        return SourceLostError(
            f"{label} does not send video that CrowdSafe understands "
            "(RTSP, MJPEG, HLS or MPEG-TS is expected)."
        )
    what = "could not be opened" if opening else "broke off"
    return SourceLostError(f"{label} {what}.")
