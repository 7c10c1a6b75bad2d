"""Letting go of requests that are still being computed."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from backend.vision.inference.unanswered import close_when_answered, has_answered, wait_for_answers


class FailingRequest:
    """Fails as soon as it is let go on."""

    def __init__(self) -> None:
        self.canvas = np.zeros((8, 8, 3), np.uint8)
        self.goes_on = threading.Event()
        self.closed_by = ""

    def start(self) -> None:
        """Nothing to begin."""

    def wait(self, timeout_s: float) -> bool:
        if not self.goes_on.wait(timeout_s):
            return False
        raise RuntimeError("out of memory")

    def outputs(self) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], ...]:
        return ()

    def close(self) -> None:
        self.goes_on.wait(5.0)
        self.closed_by = threading.current_thread().name
        raise RuntimeError("out of memory")


def test_a_failure_is_an_answer() -> None:
    request = FailingRequest()
    assert not has_answered(request, 0.0)
    request.goes_on.set()
    assert has_answered(request, 0.0)


@pytest.mark.filterwarnings("error")
def test_whoever_lets_go_waits_for_nothing_and_hears_of_nothing() -> None:
    request = FailingRequest()

    close_when_answered(request)

    working = [each for each in threading.enumerate() if each.name == "unanswered"]
    assert request.closed_by == ""
    assert all(each.daemon for each in working), "the program ends without them"
    assert not wait_for_answers(0.0)
    request.goes_on.set()
    assert wait_for_answers(5.0)
    assert request.closed_by == "unanswered"


def test_the_end_of_the_program_waits_for_a_runtime_at_work() -> None:
    program = """
import threading
from backend.vision.inference.unanswered import close_when_answered

class Request:
    def close(self):
        at_work.wait(0.3)
        print("closed", flush=True)

at_work = threading.Event()
close_when_answered(Request())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "closed\n"
