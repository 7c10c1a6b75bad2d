"""base64 as clients write it."""

from __future__ import annotations

import base64

import pytest

from backend.core.errors import InvalidInputError, TooLargeError
from backend.services.detection.encoded import decode_base64
from backend.vision.still_image import StillLimits

CONTENT = bytes(range(256))
TEXT = base64.b64encode(CONTENT).decode()
LIMITS = StillLimits(max_bytes=300)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"data:image/jpeg;base64,{TEXT}",
        f"DATA:text/html;charset=x;BASE64,{TEXT}",
        base64.encodebytes(CONTENT).decode(),
        f" {TEXT}\r\n",
    ],
)
def test_alone_as_a_data_url_or_in_lines(text: str) -> None:
    assert decode_base64(text, LIMITS) == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        "not base64!",
        TEXT[:-1],
        TEXT + "=",
        "äöü",
        f"data:image/jpeg,{TEXT}",
        f"data:image/jpeg;base64{TEXT}",
        "data:" + "x" * 500 + ";base64," + TEXT,
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decode_base64(text, StillLimits())
    assert refused.value.field == "image"


def test_nothing_is_nothing() -> None:
    assert decode_base64("", LIMITS) == b""


def test_too_much_is_told_from_the_length_of_the_text() -> None:
    with pytest.raises(TooLargeError):
        decode_base64("!" * 451, LIMITS)
