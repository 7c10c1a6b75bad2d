"""Decoding no more of a stream than somebody will look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av.error

from backend.vision.sources.decode_skip import PictureOrder, Skip, SkipPlan


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture from the decoder; ``left_out`` pictures of the stream before it did not come."""

    av_frame: Any
    left_out: int


class SparingDecoder:
    """The decoder of one stream, told how many pictures a second are wanted; one thread.

    Non-reference pictures are left out by FFmpeg itself (``skip_frame``). Between key pictures
    packets are not even handed over, and each key picture is drained out of the decoder at
    once: a decoder that reorders would keep it back until the next key, seconds later.

    Args:
        stream: PyAV's video stream.
    """

    def __init__(self, stream: Any) -> None:
        self._codec = stream.codec_context
        self._time_base = stream.time_base
        self._plan = SkipPlan()
        self._order = PictureOrder()
        self._skip = Skip.NOTHING
        self._not_before: int | None = None

    @property
    def skip(self) -> Skip:
        """What is left out at the moment."""
        return self._plan.skip

    def decode(
        self, packet: Any, *, arrived_s: float | None, wanted_rate_hz: float | None
    ) -> list[Decoded]:
        """Return the pictures that came out after ``packet``.

        Args:
            packet: PyAV's packet.
            arrived_s: Monotonic seconds of its arrival where its stamps mean nothing, or None.
            wanted_rate_hz: Pictures a second that will be looked at, None for all.

        Raises:
            av.error.FFmpegError: It cannot be decoded.
        """
        stamp = packet.pts if packet.pts is not None else packet.dts
        self._order.sent(stamp)
        sent_s = arrived_s if arrived_s is not None else self._seconds(packet)
        if sent_s is None:  # without any time nothing can be left out
            return self._number(packet.decode())
        is_key = bool(packet.is_keyframe)
        goes_in = self._plan.choose(is_key=is_key, sent_s=sent_s, wanted_rate_hz=wanted_rate_hz)
        late = self._turn_to(self._plan.skip, begins_at=stamp)
        if not goes_in:
            return late
        if self._skip is not Skip.BETWEEN_KEYS:
            return late + self._number(packet.decode())
        return late + self._decode_key(packet)

    def flush(self) -> list[Decoded]:
        """Return what the decoder still holds, at the end of the stream."""
        return self._number(self._codec.decode(None))

    def _turn_to(self, skip: Skip, *, begins_at: int | None) -> list[Decoded]:
        """Tell the decoder what to leave out from the next packet on."""
        before, self._skip = self._skip, skip
        if before is skip:
            return []
        self._codec.skip_frame = "NONREF" if skip is Skip.NON_REFERENCE else "DEFAULT"
        if skip is Skip.BETWEEN_KEYS:
            held = self._number(self._codec.decode(None))
            self._codec.flush_buffers()
            return held
        if before is Skip.BETWEEN_KEYS:
            # Shown before the key but sent after it, such pictures lean on what was left out.
            self._not_before = begins_at
        return []

    def _decode_key(self, packet: Any) -> list[Decoded]:
        try:
            frames = [*packet.decode(), *self._codec.decode(None)]
        except av.error.FFmpegError:
            self._plan.key_decoded(came=False)
            raise
        finally:
            self._codec.flush_buffers()
        # Half a picture (interlaced) or one that completes over time is none.
        whole = [frame for frame in frames if frame.key_frame and not frame.interlaced_frame]
        self._plan.key_decoded(came=bool(whole))
        return self._number(whole)

    def _number(self, frames: list[Any]) -> list[Decoded]:
        decoded = []
        for frame in frames:
            stamp = frame.pts if frame.pts is not None else frame.dts
            if self._not_before is not None and stamp is not None:
                if stamp < self._not_before:
                    continue
                self._not_before = None  # a clock that is set back later is another matter
            left_out = self._order.came(stamp)
            self._plan.delivered(left_out)
            decoded.append(Decoded(frame, left_out))
        return decoded

    def _seconds(self, packet: Any) -> float | None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        return None if stamp is None else float(stamp * self._time_base)
