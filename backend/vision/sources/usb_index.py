"""USB cameras are named by number."""

from __future__ import annotations

import re

from backend.core.errors import SourceRefusedError

_DEVICE = re.compile(r"(?:/dev/video)?(\d{1,3})")


def parse_usb_index(text: str) -> int:
    """Return the number of a camera given as ``0`` or ``/dev/video0``.

    Raises:
        SourceRefusedError: anything else.
    """
    match = _DEVICE.fullmatch(text.strip())
    if match is None:
        raise SourceRefusedError(
            "A USB camera is given by its number: 0 for the first, 1 for the second …"
        )
    return int(match.group(1))
