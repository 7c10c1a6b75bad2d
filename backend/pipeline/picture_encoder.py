"""Snapshot → JPEG in one variant, and the picture that says that nothing is live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2

from backend.core.camera import Overlay
from backend.core.errors import InvalidInputError
from backend.core.frame import Frame, Image
from backend.core.snapshot import Snapshot
from backend.vision.overlay import (
    NOT_ANALYSING,
    NOT_LIVE,
    OverlayRenderer,
    render_stale,
    render_waiting,
)

LEAST_STALE_S = 3.0
_INTERVALS_UNTIL_STALE = 3.0
_WIDTH_STEP = 80
_WIDTH_LIMITS = (160, 3840)
_WAITING_WH = (960, 540)


@dataclass(frozen=True, slots=True)
class StreamVariant:
    """One way of seeing a camera; equal variants share one encoded picture.

    Attributes:
        overlays: What is drawn.
        width: Pixels wanted; rounded up to a multiple of 80, so that there are few
            variants, and never more than the camera has. None = as the camera delivers.
    """

    overlays: frozenset[Overlay]
    width: int | None = None

    def __post_init__(self) -> None:
        if self.width is None:
            return
        low, high = _WIDTH_LIMITS
        if not low <= self.width <= high:
            raise InvalidInputError(
                f"width must be between {low} and {high} pixels, got {self.width}", field="width"
            )
        object.__setattr__(self, "width", -(-self.width // _WIDTH_STEP) * _WIDTH_STEP)

    def size_for(self, picture_wh: tuple[int, int]) -> tuple[int, int]:
        """Return width and height of the encoded picture."""
        width, height = picture_wh
        if self.width is None or self.width >= width:
            return picture_wh
        return self.width, max(round(height * self.width / width), 1)


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """A JPEG and what it shows.

    Attributes:
        number: Grows with every picture of this variant, repeats of a stale frame included.
        run_id, sequence: Of the snapshot; 0 while the camera has not delivered anything.
        captured_at: Of the frame, None while there is none.
        age_s: Seconds since the frame was received, when this was handed out; None without
            a frame.
        is_stale: The picture carries "NO LIVE PICTURE".
    """

    jpeg: bytes
    number: int
    run_id: int
    sequence: int
    captured_at: datetime | None
    age_s: float | None
    is_stale: bool
    width: int
    height: int


def stale_after_s(snapshot: Snapshot) -> float:
    """Age at which a frame is no longer live: max(3 s, three planned intervals)."""
    planned_s = 1 / snapshot.fps if snapshot.fps else 0.0
    return max(LEAST_STALE_S, _INTERVALS_UNTIL_STALE * planned_s)


def encode_jpeg(picture: Image, *, quality: int) -> bytes:
    """Return a picture, (H, W, 3) uint8 BGR, as JPEG of ``quality`` 0-100."""
    done, buffer = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError(f"JPEG encoding failed for a picture of {picture.shape}")
    return bytes(buffer)


class PictureEncoder:
    """Renders and encodes; stateless apart from its parameters.

    Args:
        renderer: Draws the overlays.
        quality: JPEG quality, 0-100.
    """

    def __init__(self, renderer: OverlayRenderer, *, quality: int = 80) -> None:
        self._renderer = renderer
        self._quality = quality

    def encode(
        self,
        snapshot: Snapshot,
        frame: Frame,
        variant: StreamVariant,
        *,
        number: int,
        age_s: float,
        history: Sequence[float],
    ) -> EncodedFrame:
        """Return the annotated picture; marked when ``age_s`` makes it stale."""
        picture = self._renderer.render(
            frame.image,
            snapshot,
            overlays=variant.overlays,
            out_wh=variant.size_for(snapshot.picture_wh),
            history=history,
        )
        is_stale = age_s > stale_after_s(snapshot)
        if is_stale:
            headline = NOT_ANALYSING if snapshot.is_recorded else NOT_LIVE
            picture = render_stale(picture, age_s, headline=headline)
        return EncodedFrame(
            jpeg=encode_jpeg(picture, quality=self._quality),
            number=number,
            run_id=snapshot.run_id,
            sequence=snapshot.sequence,
            captured_at=snapshot.captured_at,
            age_s=age_s,
            is_stale=is_stale,
            width=picture.shape[1],
            height=picture.shape[0],
        )

    def encode_waiting(self, variant: StreamVariant, *, number: int) -> EncodedFrame:
        """Return the picture of a camera that has not delivered anything."""
        width, height = variant.size_for(_WAITING_WH)
        jpeg = encode_jpeg(render_waiting((width, height)), quality=self._quality)
        return EncodedFrame(jpeg, number, 0, 0, None, None, True, width, height)
