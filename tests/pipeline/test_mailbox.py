from __future__ import annotations

import threading

from backend.pipeline.mailbox import Mailbox


def test_the_newest_value_replaces_the_one_before_and_the_gap_shows_in_the_number() -> None:
    box: Mailbox[str] = Mailbox()
    assert box.latest() is None
    box.put("a")
    box.put("b")
    letter = box.latest()
    assert letter is not None
    assert (letter.number, letter.value) == (2, "b")


def test_waiting_returns_at_once_when_there_is_something_newer_and_none_when_not() -> None:
    box: Mailbox[str] = Mailbox()
    number = box.put("a")
    assert box.wait_newer(0, 0.0) is not None
    assert box.wait_newer(number, 0.0) is None


def test_a_waiting_reader_is_woken() -> None:
    box: Mailbox[int] = Mailbox()
    found: list[int] = []

    def read() -> None:
        letter = box.wait_newer(0, 5.0)
        assert letter is not None
        found.append(letter.value)

    reader = threading.Thread(target=read, name="reader")
    reader.start()
    box.put(7)
    reader.join(5)
    assert found == [7]
