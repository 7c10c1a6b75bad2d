"""How long to wait before the next attempt."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.clock import Clock


@dataclass(frozen=True, slots=True)
class BackoffParams:
    """Shape of the waiting times.

    Attributes:
        first_s: Wait after the first failure, seconds.
        factor: Growth from one failure to the next, at least 1.
        cap_s: Longest wait, seconds.
        healthy_s: Seconds of health after which failures are forgotten.
    """

    first_s: float = 1.0
    factor: float = 2.0
    cap_s: float = 30.0
    healthy_s: float = 30.0

    def __post_init__(self) -> None:
        if self.first_s <= 0 or self.factor < 1 or self.cap_s < self.first_s or self.healthy_s < 0:
            raise ValueError(
                "expected first_s > 0, factor >= 1, cap_s >= first_s and healthy_s >= 0, "
                f"got {self}"
            )


class Backoff:
    """Capped exponential waits that start over only after sustained health.

    A camera that comes up and drops again at once keeps its long waits; one that ran well for
    ``healthy_s`` seconds is tried quickly the next time. Waits nothing itself; not
    thread-safe, one owner.

    Example:
        Failures in a row wait 1, 2, 4, 8, 16, 30, 30, … seconds with the defaults.
    """

    def __init__(self, clock: Clock, params: BackoffParams | None = None) -> None:
        self._clock = clock
        self._params = params or BackoffParams()
        self._failures = 0
        self._healthy_since_s: float | None = None

    @property
    def failures(self) -> int:
        """Failures since the last sustained health."""
        return self._failures

    def succeeded(self) -> None:
        """Note that things work now; call it as often as you like."""
        now_s = self._clock.monotonic()
        if self._healthy_since_s is None:
            self._healthy_since_s = now_s
        if now_s - self._healthy_since_s >= self._params.healthy_s:
            self._failures = 0

    def failed(self) -> float:
        """Note a failure and return the seconds to wait before the next attempt."""
        if self._healthy_since_s is not None:
            healthy_s = self._clock.monotonic() - self._healthy_since_s
            if healthy_s >= self._params.healthy_s:
                self._failures = 0
            self._healthy_since_s = None
        params = self._params
        delay_s = params.first_s
        for _ in range(self._failures):
            delay_s = min(delay_s * params.factor, params.cap_s)
            if delay_s >= params.cap_s:
                break
        self._failures += 1
        return delay_s

    def reset(self) -> None:
        """Forget everything, for instance when a person asks for a new attempt."""
        self._failures = 0
        self._healthy_since_s = None
