"""Which pictures of a live stream need not be decoded at all.

Decoding 25 pictures a second to look at five of them wastes most of the work. What may be left
out depends on how the camera encodes: a *non-reference* picture is needed by no other and can
be left out alone; everything between two *key* pictures can be left out together. Both are
measured on the stream itself, never assumed. Numbers in, decisions out: no codec in here.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from enum import StrEnum

TOLERANCE = 1.05
"""Time stamps are rounded: an interval may be so much longer than the wanted one."""

KEY_MARGIN = 1.5
"""Where every picture is a key (MJPEG), so many times the wanted rate are decoded: whoever takes
them when due would otherwise miss every second one for a millisecond's jitter."""

_PERIODS = 25
_KEY_INTERVALS = 6
_KEYS_KNOWN = 2
_SILENT_PICTURES = 40
_BARREN_KEYS = 2
_TRY_AGAIN_S = 300.0
_MAX_EXPECTED = 4096


class Skip(StrEnum):
    """What of a stream is left out."""

    NOTHING = "nothing"
    NON_REFERENCE = "non-reference pictures"
    BETWEEN_KEYS = "everything between key pictures"


class SkipPlan:
    """Decides packet by packet what is decoded; one per opened stream, one thread.

    The rule, with w the wanted interval: everything between key pictures is left out once the
    longest of the last key intervals is at most w; else non-reference pictures are left out
    once every second picture would do (w is at least two periods) and as long as no gap of
    decoded pictures proves longer than w. A gap that does ends it at once, and it is tried
    again only minutes later. Decoding goes on in full only at a key picture, because what lies
    between would be drawn on pictures that were never decoded.
    """

    def __init__(self) -> None:
        self.skip = Skip.NOTHING
        self._sent: deque[float] = deque(maxlen=_PERIODS + 1)
        self._key_intervals: deque[float] = deque(maxlen=_KEY_INTERVALS)
        self._key_s: float | None = None
        self._decoded_key_s = -math.inf
        self._barren_keys = 0
        self._bad_gap_s = 0.0
        self._bad_at_s = -math.inf
        self._since_delivery = 0
        self._interval_s = 0.0
        self._delivered_sparsely = False

    @property
    def period_s(self) -> float | None:
        """Mean seconds between the pictures the camera sends, None while not known."""
        if len(self._sent) < _PERIODS:
            return None
        return (self._sent[-1] - self._sent[0]) / (len(self._sent) - 1)

    @property
    def key_interval_s(self) -> float | None:
        """Longest of the last intervals between key pictures, None while not known."""
        if len(self._key_intervals) < _KEYS_KNOWN or self._barren_keys >= _BARREN_KEYS:
            return None
        return max(self._key_intervals)

    def choose(self, *, is_key: bool, sent_s: float, wanted_rate_hz: float | None) -> bool:
        """Take the next packet; return whether it goes to the decoder. Sets ``skip``.

        Args:
            is_key: It holds a key picture.
            sent_s: Its place in the order of decoding, seconds; steps back are a new time base.
            wanted_rate_hz: Pictures a second somebody will look at, None for all.
        """
        self._measure(is_key=is_key, sent_s=sent_s)
        self._interval_s = 1.0 / wanted_rate_hz if wanted_rate_hz else 0.0
        self._since_delivery += 1
        if self.skip is Skip.NON_REFERENCE and self._since_delivery > _SILENT_PICTURES:
            self._doubt(math.inf)
        wanted = self._wanted_skip()
        # Nothing can be drawn on pictures that were left out: only a key begins anew.
        if wanted is not self.skip and (self.skip is not Skip.BETWEEN_KEYS or is_key):
            self.skip = wanted
            self._delivered_sparsely = False
            self._since_delivery = 0
        if self.skip is not Skip.BETWEEN_KEYS:
            return True
        if not is_key or not self._is_key_due(sent_s):
            return False
        self._decoded_key_s = sent_s
        return True

    def delivered(self, left_out: int) -> None:
        """A picture came out of the decoder, ``left_out`` before it did not."""
        self._since_delivery = 0
        period_s = self.period_s
        if self.skip is Skip.NON_REFERENCE and self._delivered_sparsely and period_s is not None:
            gap_s = (left_out + 1) * period_s
            if gap_s > self._interval_s * TOLERANCE:
                self._doubt(gap_s)
        self._delivered_sparsely = self.skip is Skip.NON_REFERENCE

    def key_decoded(self, *, came: bool) -> None:
        """A key picture was decoded alone; ``came``: it really was a whole picture."""
        self._barren_keys = 0 if came else self._barren_keys + 1

    def _measure(self, *, is_key: bool, sent_s: float) -> None:
        if self._sent and sent_s < self._sent[-1]:
            self._sent.clear()
            self._key_s, self._decoded_key_s = None, -math.inf
            self._bad_at_s = min(self._bad_at_s, sent_s)
        self._sent.append(sent_s)
        if is_key:
            if self._key_s is not None:
                self._key_intervals.append(sent_s - self._key_s)
            self._key_s = sent_s

    def _wanted_skip(self) -> Skip:
        period_s, now_s = self.period_s, self._sent[-1]
        if self._interval_s == 0.0 or period_s is None:
            return Skip.NOTHING
        longest_s = self._interval_s * TOLERANCE
        if self._only_keys_will_do(period_s, now_s, longest_s):
            return Skip.BETWEEN_KEYS
        if now_s - self._bad_at_s > _TRY_AGAIN_S:
            self._bad_gap_s = 0.0
        if longest_s >= 2 * period_s and self._bad_gap_s <= longest_s:
            return Skip.NON_REFERENCE
        return Skip.NOTHING

    def _only_keys_will_do(self, period_s: float, now_s: float, longest_s: float) -> bool:
        key_interval_s = self.key_interval_s
        if key_interval_s is None or self._key_s is None:
            return False
        if key_interval_s < 1.5 * period_s and self._interval_s < 2 * KEY_MARGIN * period_s:
            return False  # every picture is a key, and with the margin every one is wanted
        return max(key_interval_s, now_s - self._key_s) <= longest_s

    def _is_key_due(self, sent_s: float) -> bool:
        """Whether waiting for the next key would be too late."""
        next_s = max(self._key_intervals)
        return sent_s + next_s - self._decoded_key_s > self._interval_s / KEY_MARGIN

    def _doubt(self, gap_s: float) -> None:
        self._bad_gap_s = gap_s
        self._bad_at_s = self._sent[-1]


class PictureOrder:
    """Counts the pictures of a stream that never came out of its decoder."""

    def __init__(self) -> None:
        self._expected: list[float] = []
        self._unstamped = 0
        self._begun = False

    def sent(self, pts: float | None) -> None:
        """A packet with presentation time ``pts`` (any unit) was read."""
        if pts is None:
            self._unstamped += 1
            return
        heapq.heappush(self._expected, pts)
        if len(self._expected) > _MAX_EXPECTED:
            self._expected.clear()

    def came(self, pts: float | None) -> int:
        """Return how many pictures before the one at ``pts``, now decoded, were left out."""
        if pts is None:
            passed, self._unstamped = self._unstamped, 0
        else:
            passed = 0
            while self._expected and self._expected[0] <= pts:
                heapq.heappop(self._expected)
                passed += 1
        begun, self._begun = self._begun, True
        return max(passed - 1, 0) if begun else 0
