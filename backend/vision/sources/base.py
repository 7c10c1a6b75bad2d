"""The contract every video source fulfils, and the limits it is opened under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from backend.core.camera import SourceInfo
from backend.core.frame import Frame, Image


class FrameSource(Protocol):
    """Something that delivers frames; owned by one thread, closed by any.

    Live sources (everything but an upload) deliver the newest frame and drop what nobody
    fetched in time. An upload delivers every frame in order.
    """

    @property
    def info(self) -> SourceInfo:
        """What the source turned out to be; valid after `open`."""

    @property
    def dropped_frames(self) -> int:
        """Decoded frames that were replaced by a newer one before anybody fetched them."""

    @property
    def decode_ms(self) -> float:
        """Milliseconds spent decoding and converting the frame delivered last."""

    def open(self) -> None:
        """Open the source, within the open timeout.

        Raises:
            SourceRefusedError: not allowed, or not a usable video; retrying is pointless.
            SourceLostError: unreachable or silent; retrying may help.
        """

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when nothing came within ``timeout_s`` seconds.

        Raises:
            SourceLostError: the stream broke off or was silent for the read timeout.
            SourceEnded: a finite source has delivered its last frame.
            SourceRefusedError: what came is not allowed or cannot be decoded at all.
        """

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        """Say how many frames a second will be looked at, so that a live source decodes no more.

        A hint: at least that many are still delivered where the camera sends them; the newest
        frame still wins. None = every frame counts. May be called at any time.
        """

    def close(self) -> None:
        """Stop reading, join the reader thread and free every handle; idempotent."""


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What sources may open and how much of it.

    Attributes:
        file_folders: ``file`` sources must lie below one of these, symbolic links resolved.
        upload_folder: Uploads must lie below this folder.
        allow_private: Cameras on private and loopback addresses are allowed. Link-local,
            metadata, multicast and unspecified addresses never are.
        open_timeout_s: Seconds until an opening is given up.
        read_timeout_s: Seconds of silence after which a live stream counts as lost.
        max_minutes: Longest video, minutes of stream time.
        max_megapixels: Largest picture, millions of pixels.
        max_file_bytes: Largest file, None for no limit here.
        decoding: What decodes cameras' pictures: ``auto`` (a graphics processor where one will),
            ``software``, or FFmpeg's name of a device.
    """

    file_folders: tuple[Path, ...]
    upload_folder: Path
    allow_private: bool = True
    open_timeout_s: float = 10.0
    read_timeout_s: float = 5.0
    max_minutes: float = 720.0
    max_megapixels: float = 36.0
    max_file_bytes: int | None = None
    decoding: str = "software"

    @property
    def max_pixels(self) -> int:
        """Largest picture in pixels."""
        return int(self.max_megapixels * 1_000_000)


@dataclass(frozen=True, slots=True)
class SourceStart:
    """Where numbering goes on after a reconnect.

    Attributes:
        first_index: Index of the first frame that will be delivered.
        segment: Segment of the first frame.
        recorded_at: Aware UTC start of an uploaded recording; None stamps its frames from
            the moment it was opened.
    """

    first_index: int = 0
    segment: int = 0
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Outcome of trying a source: "does it open? show me a frame".

    Attributes:
        info: Size, codec and what the stream declares.
        first_frame: (H, W, 3) uint8 BGR.
        frame_rate_hz: Measured over the first second or two, None with too few frames.
    """

    info: SourceInfo
    first_frame: Image
    frame_rate_hz: float | None
