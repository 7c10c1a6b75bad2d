"""Helper programs: their last word, their time limit, and what they may not see."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from backend.core.errors import ModelError
from backend.vision.model_store.download import may_be_released
from backend.vision.model_store.memory import FailureMemory
from backend.vision.model_store.programs import Programs
from tests.builders import EPOCH


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path / "config", threading.Event())


def _run(programs: Programs, code: str, tmp_path: Path, *, timeout_s: float = 20.0) -> str:
    return programs.run_python(["-c", code], timeout_s=timeout_s, cwd=tmp_path)


def test_last_line_is_the_result(programs: Programs, tmp_path: Path) -> None:
    assert _run(programs, "print('noise'); print('result'); print()", tmp_path) == "result"


def test_failure_says_why(programs: Programs, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^too bad$"):
        _run(programs, "import sys; sys.stderr.write('x\\ntoo bad\\n'); sys.exit(1)", tmp_path)
    with pytest.raises(ModelError, match="status 3"):
        _run(programs, "import sys; sys.exit(3)", tmp_path)


def test_time_limit(programs: Programs, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match="no result within"):
        _run(programs, "import time; time.sleep(60)", tmp_path, timeout_s=0.5)
    assert time.monotonic() - started < 10


def test_stop_ends_a_running_program(programs: Programs, tmp_path: Path) -> None:
    timer = threading.Timer(0.3, programs.stop.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(ModelError, match="stopped"):
        _run(programs, "import time; time.sleep(60)", tmp_path, timeout_s=60)
    timer.join()
    assert time.monotonic() - started < 10


def test_secrets_are_not_passed_on(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "TELEGRAM_BOT_TOKEN", "DATABASE_URL", "CROWDSAFE_ADMIN_PASSWORD"):
        monkeypatch.setenv(name, "confidential")
    seen = json.loads(
        _run(programs, "import os, json; print(json.dumps(dict(os.environ)))", tmp_path)
    )
    assert "confidential" not in seen.values()
    assert "PATH" in seen


def test_unknown_jobs_and_addresses_are_refused(programs: Programs, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        programs.run_job("erase", "a", "b", timeout_s=20, cwd=tmp_path)
    with pytest.raises(ModelError, match="not a web address"):
        programs.run_job("probe", "file:///etc/passwd", "1", timeout_s=20, cwd=tmp_path)


@pytest.mark.parametrize(
    ("name", "released"),
    [("yolo11s.pt", True), ("yolov8n.pt", True), ("yolo11n-seg.pt", True), ("best.pt", False),
     ("../yolo11s.pt", False), ("yolo11s.onnx", False), ("yolo/11s.pt", False)],
)  # fmt: skip
def test_names_worth_a_download(name: str, released: bool) -> None:
    assert may_be_released(name) is released


def test_failures_are_remembered_for_a_day(tmp_path: Path) -> None:
    file = tmp_path / "instance" / "downloads.json"
    FailureMemory(file).remember("a.pt", "no answer", EPOCH)
    memory = FailureMemory(file)
    assert memory.recall("a.pt", EPOCH + timedelta(hours=23)) == "no answer"
    assert memory.recall("a.pt", EPOCH + timedelta(hours=25)) == ""
    assert memory.recall("a.pt", EPOCH - timedelta(hours=1)) == "", "a clock set back"
    assert memory.recall("b.pt", EPOCH) == ""
    memory.forget("a.pt")
    assert memory.recall("a.pt", EPOCH) == ""


@pytest.mark.parametrize("text", ["{broken", "[]", '{"a.pt": 3}', '{"a.pt": {"failed_at": "x"}}'])
def test_unreadable_memory_counts_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "downloads.json"
    file.write_text(text, encoding="utf-8")
    memory = FailureMemory(file)
    assert memory.recall("a.pt", EPOCH) == ""
    memory.remember("a.pt", "no answer", EPOCH)
    assert memory.recall("a.pt", EPOCH) == "no answer"
