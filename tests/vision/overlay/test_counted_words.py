"""The display says how a count was made where boxes alone did not make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from backend.core.measurements import CountMethod
from backend.core.trust import Trust
from backend.vision.overlay.wording import describe
from tests import builders


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (CountMethod.BOXES, ""),
        (CountMethod.BLEND, "counted on boxes and density map"),
        (CountMethod.MAP, "counted on the density map"),
    ],
)
def test_what_counted_is_put_into_words(method: CountMethod, words: str) -> None:
    crowd = replace(builders.metrics(count=140.0), count_method=method)
    assert describe(builders.snapshot(crowd=crowd), UTC).method == words


def test_it_is_not_said_twice_nor_of_a_count_nobody_knows() -> None:
    crowd = replace(
        builders.metrics(count=140.0), count_method=CountMethod.MAP, trust=Trust.ESTIMATED
    )
    said = replace(
        crowd,
        trust_reason="More people than can be told apart: counted on the density map.",
    )
    assert describe(builders.snapshot(crowd=said), UTC).method == ""
    unknown = replace(crowd, trust=Trust.UNKNOWN)
    assert describe(builders.snapshot(crowd=unknown), UTC).method == ""


def test_beyond_both_counters_the_count_is_a_lower_bound() -> None:
    crowd = replace(
        builders.metrics(count=900.0, count_low=610.0, count_high=None),
        count_method=CountMethod.MAP,
        trust=Trust.SATURATED,
        trust_reason="The crowd is denser than anything the density map was validated on.",
    )
    words = describe(builders.snapshot(crowd=crowd), UTC)
    assert (words.count, words.interval) == ("at least 610", "people")
    assert words.method == "counted on the density map"
