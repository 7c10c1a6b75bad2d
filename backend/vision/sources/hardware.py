"""Decoding on a graphics processor where there is one, and never at a camera's expense.

A device is asked for before a stream is touched: whatever goes wrong with it then costs
nothing. What fails later, on the stream, is remembered and the camera opened again without.

Imports PyAV, so it is imported only when a source is really opened.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import av.error
from av.codec import Codec
from av.codec.hwaccel import HWAccel, hwdevices_available

logger = logging.getLogger(__name__)

SOFTWARE = "software"
AUTO = "auto"
_PREFERRED = ("cuda", "vaapi", "videotoolbox", "d3d11va", "qsv")


class HardwareDecoding:
    """Knows which devices decode on this machine; shared by all sources, from any thread.

    A device that cannot be opened is not tried again before the process is started anew. One
    that fails on a stream is not tried again for that stream.

    Args:
        offered: Kinds of device the FFmpeg at hand was built with.
        open_device: Opens a kind of device; raises where that is not possible.
    """

    def __init__(
        self, *, offered: Callable[[], Sequence[str]], open_device: Callable[[str], Any]
    ) -> None:
        self._offered = offered
        self._open_device = open_device
        self._lock = threading.Lock()
        self._unusable: dict[str, str] = {}
        self._failed_on: set[tuple[str, str]] = set()

    def open_for(self, choice: str, label: str) -> tuple[str, Any]:
        """Return the name of the device to decode ``label`` on, and it; software where none will.

        Args:
            choice: ``auto`` (the best there is), ``software``, or a kind of device.
            label: The source, as it is called in sentences for people.
        """
        for kind in self._candidates(choice):
            if (kind, label) in self._failed_on:
                continue
            device = self._try(kind)
            if device is not None:
                return kind, device
        return SOFTWARE, None

    def give_up(self, kind: str, label: str) -> None:
        """Decode ``label`` on another device from now on: this one failed on it."""
        with self._lock:
            self._failed_on.add((kind, label))
        logger.warning("hardware_decoding_failed device=%s source=%s", kind, label)

    def why_not(self, kind: str) -> str:
        """Return why a device is not used, empty when nothing is known against it."""
        return self._unusable.get(kind, "")

    def why_software(self, choice: str, label: str) -> str:
        """Return why no device decodes ``label``, by device; empty where none was to.

        Args:
            choice, label: As in `open_for`, which was asked before.
        """
        if choice == SOFTWARE:
            return ""
        kinds = self._candidates(choice) or (() if choice == AUTO else (choice,))
        if not kinds:
            return "this FFmpeg was built without any device"
        return "; ".join(f"{kind}: {self._against(kind, label)}" for kind in kinds)

    def _against(self, kind: str, label: str) -> str:
        if (kind, label) in self._failed_on:
            return "failed on this stream"
        return self.why_not(kind) or "does not decode this stream"

    def _candidates(self, choice: str) -> Sequence[str]:
        if choice == SOFTWARE:
            return ()
        offered = self._offered()
        if choice == AUTO:
            return [kind for kind in _PREFERRED if kind in offered]
        if choice not in offered:
            self._bar(choice, "this FFmpeg was built without it")
            return ()
        return (choice,)

    def _try(self, kind: str) -> Any:
        if kind in self._unusable:
            return None
        try:
            return self._open_device(kind)
        except (av.error.FFmpegError, NotImplementedError, OSError, ValueError) as error:
            self._bar(kind, getattr(error, "strerror", None) or type(error).__name__)
            return None

    def _bar(self, kind: str, reason: str) -> None:
        with self._lock:
            known = self._unusable.setdefault(kind, reason)
        if known is reason:
            logger.info("hardware_decoding_unavailable device=%s reason=%s", kind, reason)


def _open_device(kind: str) -> Any:
    """Return a device of FFmpeg's, made for the codec nearly every camera sends."""
    accelerator = HWAccel(kind, allow_software_fallback=True)
    accelerator.create(Codec("h264", "r"))
    return accelerator


HARDWARE = HardwareDecoding(offered=hwdevices_available, open_device=_open_device)
"""What this process has learnt of this machine's devices."""
