"""Order, failures and the end of what runs."""

from __future__ import annotations

import threading

from backend.services.lifecycle import Lifecycle, Step


def recorded(names: list[str], log: list[str], *, failing: str = "") -> list[Step]:
    def action(verb: str, name: str) -> None:
        log.append(f"{verb} {name}")
        if name == failing:
            raise RuntimeError(name)

    return [
        Step(name, lambda n=name: action("start", n), lambda n=name: action("stop", n))  # type: ignore[misc]
        for name in names
    ]


def test_starts_forwards_and_stops_backwards() -> None:
    log: list[str] = []
    lifecycle = Lifecycle(recorded(["a", "b"], log))
    lifecycle.add(recorded(["c"], log)[0])
    lifecycle.start()
    assert lifecycle.is_running
    lifecycle.start()
    lifecycle.stop()
    lifecycle.stop()
    assert log == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]
    assert not lifecycle.is_running


def test_a_failing_part_keeps_the_others_going() -> None:
    log: list[str] = []
    lifecycle = Lifecycle(recorded(["a", "b", "c"], log, failing="b"))
    lifecycle.start()
    lifecycle.stop()
    assert log == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


def test_nothing_starts_after_the_end() -> None:
    log: list[str] = []
    lifecycle = Lifecycle(recorded(["a"], log))
    lifecycle.stop_wanted.set()
    lifecycle.start()
    assert log == []


def test_what_requests_open_is_closed_even_without_a_start() -> None:
    log: list[str] = []
    sockets = Step("sockets", lambda: None, lambda: log.append("closed"), stops_always=True)
    lifecycle = Lifecycle([*recorded(["a"], log), sockets])
    lifecycle.run_in_background()
    assert lifecycle.end(5)
    assert log == ["closed"]


def test_in_the_background() -> None:
    started, stopped = threading.Event(), threading.Event()
    lifecycle = Lifecycle([Step("a", started.set, stopped.set)])
    lifecycle.run_in_background()
    assert started.wait(5)
    assert lifecycle.end(5)
    assert stopped.is_set()


def test_the_end_is_bounded() -> None:
    started, release = threading.Event(), threading.Event()
    lifecycle = Lifecycle([Step("a", started.set, lambda: release.wait(10))])
    lifecycle.run_in_background()
    assert started.wait(5)
    assert lifecycle.end(0.05) is False
    release.set()
    assert lifecycle.end(5) is True


def test_an_end_without_a_beginning() -> None:
    assert Lifecycle([]).end(1) is True
