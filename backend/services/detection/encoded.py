"""Pictures inside JSON: base64, alone or as a data URL."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from backend.core.errors import InvalidInputError
from backend.vision.picture_header import FIELD
from backend.vision.still_image import StillLimits, too_many_bytes

_PREFIX_MOST: Final = 200
_SPACE: Final = str.maketrans("", "", " \t\r\n")


def decode_base64(text: str, limits: StillLimits) -> bytes:
    """Return the file in ``text``; its media type is not believed, white space is passed over.

    Raises:
        TooLargeError: More than the limit, told from the length of the text.
        InvalidInputError: Not base64.
    """
    if text[:5].lower() == "data:":
        comma = text.find(",", 0, _PREFIX_MOST)
        if comma < 0 or not text[:comma].lower().endswith(";base64"):
            raise InvalidInputError(
                "The data URL must look like data:image/jpeg;base64,… .", field=FIELD
            )
        text = text[comma + 1 :]
    # four characters for three bytes; line breaks of mail encoders come on top
    if len(text) > limits.max_bytes * 3 // 2:
        raise too_many_bytes(limits)
    try:
        return base64.b64decode(text.translate(_SPACE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError(
            "The picture must be the file in base64, or a data URL of it.", field=FIELD
        ) from error
