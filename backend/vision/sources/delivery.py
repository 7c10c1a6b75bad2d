"""How the frames of each kind of source reach their reader."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.camera import SourceSpec, SourceType
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.timeline import PacerParams

_HLS_PATIENCE_S = 15.0
# A live stream that began with a burst catches up at this rate instead of staying behind.
_CATCH_UP_RATE = 1.02


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a source's frames reach their reader.

    Attributes:
        in_order: Every frame through a bounded queue (a recording); else newest wins.
        pacing: Play by stream time, None to deliver as it comes.
        loop: Begin again at the end, in a new segment.
        stall_s: Silence after which the source counts as lost, None to wait for ever.
    """

    in_order: bool
    pacing: PacerParams | None = None
    loop: bool = False
    stall_s: float | None = None

    @property
    def is_live(self) -> bool:
        """Arrival times mean something, and silence means loss."""
        return self.stall_s is not None


def delivery_for(spec: SourceSpec, *, container: str, limits: SourceLimits) -> Delivery:
    """Return how frames of ``spec``, opened as FFmpeg's ``container``, are delivered."""
    if spec.source_type is SourceType.UPLOAD:
        return Delivery(in_order=True)
    if spec.source_type is SourceType.FILE:
        return Delivery(in_order=False, pacing=PacerParams(), loop=spec.loop)
    stall_s = limits.read_timeout_s
    if spec.source_type is not SourceType.HTTP or container in {"mpjpeg", "mjpeg"}:
        return Delivery(in_order=False, stall_s=stall_s)
    if container == "hls":
        # Frames come a segment at a time; a late segment is not yet a lost camera.
        pacing = PacerParams(rate=1.0, max_early_s=2.0, max_late_s=0.0)
        return Delivery(in_order=False, pacing=pacing, stall_s=stall_s + _HLS_PATIENCE_S)
    pacing = PacerParams(rate=_CATCH_UP_RATE, max_early_s=2.0, max_late_s=0.0)
    return Delivery(in_order=False, pacing=pacing, stall_s=stall_s)
