"""Exponential moving average per second of stream time (CROWD-SCIENCE section 4)."""

from __future__ import annotations


def ema_weight(alpha_per_s: float, elapsed_s: float) -> float:
    """Weight of a new value after ``elapsed_s``: ``1 - (1 - alpha)^elapsed``.

    Two steps of half a second weigh exactly as much as one of a second, so a trend does not
    depend on the frame rate.

    Args:
        alpha_per_s: Weight after one second, in (0, 1].
        elapsed_s: Seconds of stream time since the last value, >= 0.

    Example:
        >>> ema_weight(0.3, 1.0)
        0.3
        >>> round(1 - (1 - ema_weight(0.3, 0.5)) ** 2, 12)
        0.3
    """
    weight: float = 1.0 - (1.0 - alpha_per_s) ** elapsed_s
    return round(weight, 15)


class Trend:
    """The moving average of one number.

    The first defined value starts it; None leaves it as it is (undefined is not zero).
    """

    def __init__(self) -> None:
        self._value: float | None = None
        self._pending_s = 0.0

    def update(self, value: float | None, *, alpha_per_s: float, elapsed_s: float) -> float | None:
        """Blend ``value`` in and return the trend, None until a first value came.

        Example:
            >>> trend = Trend()
            >>> trend.update(0.0, alpha_per_s=0.3, elapsed_s=0.0)
            0.0
            >>> trend.update(10.0, alpha_per_s=0.3, elapsed_s=1.0)
            3.0
        """
        self._pending_s += elapsed_s
        if value is None:
            return self._value
        if self._value is None:
            self._value = value
        else:
            self._value += ema_weight(alpha_per_s, self._pending_s) * (value - self._value)
        self._pending_s = 0.0
        return self._value
