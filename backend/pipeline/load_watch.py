"""How much of what a camera delivers is analysed, why not more, and what follows from it.

Formulae: docs/methods/inference.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.camera import CameraConfig, SourceInfo
from backend.core.frame import Frame
from backend.core.snapshot import CameraLoad
from backend.pipeline.rate_meter import RateMeter
from backend.vision.inference.scheduler import Rivals

SHORT_BELOW = 0.8
"""A camera of which a smaller share is analysed than wanted is short of the processor …"""
SHORT_UNTIL = 0.92
"""… until this share is reached again."""
JUDGE_AFTER_S = 3.0
"""A rate is believed once it was measured so long."""
HINT_MARGIN = 1.3
"""A source is asked for so many times what can be analysed: room to notice that more can be."""
KEYS_HZ = 2.0
"""Target rates from here downwards are met by key pictures alone, with many a camera."""
HINT_CHANGE = 1.25
"""The hint changes when the rate has changed by this factor …"""
HINT_EVERY_S = 3.0
"""… and not more often than this."""
MAX_SHED_INTERVAL_S = 3.0
"""Longest interval between two analysed frames that counts as planned for want of processor
time. A place looked at less often is not watched any more: it is unknown after three times
this, and says so."""


@dataclass(slots=True)
class _Span:
    """Frames of a source between two looks, by their numbers: skipped ones count too."""

    index: int
    captured_mono_s: float


class LoadWatch:
    """Rates of one live camera; written by its thread.

    Args:
        config: For the target rate.
    """

    def __init__(self, config: CameraConfig) -> None:
        self._target_hz = config.target_fps
        self._is_live = config.spec.source_type.is_live
        self._analysed = RateMeter(JUDGE_AFTER_S)
        self._source_hz: float | None = None
        self._first: _Span | None = None
        self._is_measured = False
        self._hint_hz: float | None = None
        self._hinted_s = 0.0
        self._is_short = False

    @property
    def is_short(self) -> bool:
        """Whether clearly fewer frames are analysed than wanted."""
        return self._is_short

    @property
    def wanted_hz(self) -> float | None:
        """Frames a second that would be analysed if there were room; None where not known."""
        known = [rate for rate in (self._target_hz, self._source_hz) if rate]
        return min(known, default=None)

    @property
    def frame_gap_s(self) -> float:
        """Seconds between two frames of the source as far as known, at most 0.1."""
        return min(1.2 / self._source_hz, 0.1) if self._source_hz else 0.0

    def connected(self, info: SourceInfo) -> None:
        """A source was opened: what was measured before says nothing of it."""
        self._analysed.reset()
        self._source_hz = info.nominal_fps
        self._first = None
        self._is_measured = False
        self._hint_hz = None
        self._is_short = False

    def took(self, frame: Frame) -> None:
        """A frame was taken from the source."""
        captured_s = frame.captured_mono_s
        if self._first is None:
            self._first = _Span(frame.index, captured_s)
            return
        passed_s = captured_s - self._first.captured_mono_s
        if passed_s >= JUDGE_AFTER_S:
            self._note_source_rate((frame.index - self._first.index) / passed_s)
            self._first = _Span(frame.index, captured_s)

    def analysed(self, now_s: float) -> None:
        """A frame was analysed."""
        self._analysed.tick(now_s)
        share = self._share(now_s)
        if share is not None and self._is_measured:
            self._is_short = share < (SHORT_UNTIL if self._is_short else SHORT_BELOW)

    def hint_is_due(self, now_s: float) -> bool:
        """Return whether the source should be told `hint_hz` anew; it then counts as told."""
        wanted = self._wanted_hint(now_s)
        before = self._hint_hz
        if wanted == before:
            return False
        if wanted is not None and before is not None:
            is_small = 1 / HINT_CHANGE < wanted / before < HINT_CHANGE
            if is_small or now_s - self._hinted_s < HINT_EVERY_S:
                return False
        self._hint_hz = wanted
        self._hinted_s = now_s
        self._first = None
        return True

    @property
    def hint_hz(self) -> float | None:
        """Frames a second the source need not exceed, None = every frame counts."""
        return self._hint_hz

    def planned_interval_s(self, now_s: float) -> float | None:
        """Seconds between two analysed frames under the present plan, None = as many as come.

        What is shed for want of processor time is planned, up to `MAX_SHED_INTERVAL_S`.
        """
        planned = [1.0 / self._target_hz] if self._target_hz else []
        rate_hz = self._analysed.rate_hz(now_s)
        if self._is_short and rate_hz:
            planned.append(min(1.0 / rate_hz, MAX_SHED_INTERVAL_S))
        return max(planned, default=None)

    def load(self, now_s: float, rivals: Rivals, lag_s: float | None) -> CameraLoad | None:
        """Return what people are shown, None for a recording."""
        if not self._is_live:
            return None
        share = self._share(now_s)
        return CameraLoad(
            wanted_hz=self.wanted_hz,
            analysed_hz=self._analysed.rate_hz(now_s),
            shed_share=1.0 - min(share, 1.0) if self._is_short and share is not None else 0.0,
            reason=_reason(rivals) if self._is_short else "",
            lag_s=lag_s,
        )

    def _note_source_rate(self, rate_hz: float) -> None:
        """Believe a measured rate, unless it may be what is left of a greater one by our hint."""
        hint_hz = self._hint_hz
        self._is_measured = True
        if hint_hz is None or not 0.9 * hint_hz < rate_hz < 1.5 * hint_hz:
            self._source_hz = rate_hz

    def _share(self, now_s: float) -> float | None:
        wanted_hz, rate_hz = self.wanted_hz, self._analysed.rate_hz(now_s)
        return rate_hz / wanted_hz if wanted_hz and rate_hz is not None else None

    def _wanted_hint(self, now_s: float) -> float | None:
        if not self._is_live:
            return None
        rates = [self._target_hint()] if self._target_hz else []
        rate_hz = self._analysed.rate_hz(now_s)
        if self._is_short and rate_hz:
            rates.append(max(HINT_MARGIN * rate_hz, 1.0))
        return min(rates, default=None)

    def _target_hint(self) -> float:
        """Twice the target: what is due then is never older than half an interval.

        At `KEYS_HZ` or fewer the target itself, because then a source may leave out everything
        between key pictures, and the pacer meets those when they come.
        """
        assert self._target_hz is not None
        return self._target_hz if self._target_hz <= KEYS_HZ else 2.0 * self._target_hz


def _reason(rivals: Rivals) -> str:
    if rivals.riskier:
        return f"It shares the processor with {_cameras(rivals.riskier, 'riskier ')}."
    if rivals.live:
        return f"It shares the processor with {_cameras(rivals.live, 'other ')}."
    if rivals.recorded:
        return "It shares the processor with the analysis of recordings."
    return "The model takes longer for a picture than the camera for the next one."


def _cameras(count: int, kind: str) -> str:
    return f"{count} {kind}camera{'' if count == 1 else 's'}"
