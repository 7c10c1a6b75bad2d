"""What a detection answers, and how it is put together from a snapshot."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from backend.core.camera import DEFAULT_OVERLAYS, ModelInfo, Overlay
from backend.core.frame import Frame
from backend.core.measurements import Quality, TrackView
from backend.core.snapshot import Snapshot
from backend.pipeline.picture_encoder import PictureEncoder, StreamVariant

ANNOTATED_WIDTH: Final = 1920
"""Annotated pictures are never wider, pixels: nobody needs more to check boxes."""
BOXES_ONLY: Final = frozenset({Overlay.BOXES})
CAMERA_OVERLAYS: Final = DEFAULT_OVERLAYS
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person found.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the picture.
        confidence: The detector's, in [0, 1].
        number: Written beside the box in the annotated picture.
    """

    box: Box
    confidence: float
    number: int


@dataclass(frozen=True, slots=True)
class PictureView:
    """The picture that was looked at, pixels; upright."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SpanView:
    """Counts of the pictures of a span.

    Attributes:
        duration_s: From the first picture to the last, seconds.
        pictures: How many were counted.
        mean, minimum, maximum: Of their counts, people.
    """

    duration_s: float
    pictures: int
    mean: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class CountView:
    """A count with its 90 % interval, people; ``high`` None: at least ``low``."""

    count: float
    low: float
    high: float | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class LocationUpdateView:
    """What became of a count in one location the camera shows.

    Attributes:
        is_updated: The count was entered.
        reason: Why it was not, or why it is not the location's number all the same; empty for
            neither.
    """

    location_id: int
    location_name: str
    is_updated: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionView:
    """Outcome of a detection.

    Attributes:
        count, count_low, count_high: As a camera counts; ``count_high`` None when saturated.
        trust, trust_reason: Of the count.
        confidence: Detections listed are at least so sure.
        annotated: JPEG, None where it was not wanted.
        camera_id, captured_at, age_s, is_running: Of a camera's picture; None for one sent in.
            Of a camera that was not running the source was opened for this.
        span: Where counts were averaged.
        locations: Every location the camera shows part of.
    """

    count: float
    count_low: float
    count_high: float | None
    trust: str
    trust_reason: str
    detections: tuple[PersonView, ...]
    confidence: float
    picture: PictureView
    model: ModelInfo
    timings_ms: Mapping[str, float]
    annotated: bytes | None = None
    camera_id: int | None = None
    captured_at: datetime | None = None
    age_s: float | None = None
    is_running: bool | None = None
    span: SpanView | None = None
    locations: tuple[LocationUpdateView, ...] = ()

    @property
    def annotated_url(self) -> str | None:
        """The annotated picture as a data URL."""
        if self.annotated is None:
            return None
        return "data:image/jpeg;base64," + base64.b64encode(self.annotated).decode("ascii")


@dataclass(frozen=True, slots=True)
class Look:
    """A measured picture."""

    snapshot: Snapshot
    frame: Frame


def count_of(snapshot: Snapshot) -> CountView:
    """Return the count of one picture as far as it may be believed."""
    metrics = snapshot.metrics
    quality = metrics.quality.get("count", Quality(metrics.trust, metrics.trust_reason))
    return CountView(metrics.count, metrics.count_low, metrics.count_high, quality)


def people_in(snapshot: Snapshot, confidence: float) -> tuple[TrackView, ...]:
    """Return everybody found with at least that confidence, the surest first."""
    found = [track for track in snapshot.picture.tracks if track.confidence >= confidence]
    return tuple(sorted(found, key=lambda track: -track.confidence))


def person_view(track: TrackView) -> PersonView:
    """Return one person for the answer: a tenth of a pixel is more than is known."""
    x0, y0, x1, y1 = (round(float(side), 1) for side in track.box_xyxy)
    return PersonView((x0, y0, x1, y1), round(float(track.confidence), 3), track.track_id)


def draw(
    encoder: PictureEncoder,
    look: Look,
    people: tuple[TrackView, ...],
    overlays: frozenset[Overlay],
) -> bytes:
    """Return the picture with ``people`` drawn over it as JPEG."""
    picture = replace(look.snapshot.picture, tracks=people)
    encoded = encoder.encode(
        replace(look.snapshot, picture=picture),
        look.frame,
        StreamVariant(overlays, ANNOTATED_WIDTH),
        number=0,
        age_s=0.0,
        history=(),
    )
    return encoded.jpeg
