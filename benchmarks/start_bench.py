"""How long a second ``make run`` takes until it answers on its port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.figures import Figure, assets_folder, figure

ROOT = Path(__file__).resolve().parent.parent
FIRST_START_LIMIT_S = 300.0
SECOND_START_LIMIT_S = 60.0
POLL_S = 0.05


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def seconds_until_healthy(environment: dict[str, str], *, limit_s: float) -> float:
    """Start ``make run``, return seconds until /healthz answers 200, stop it again.

    Raises:
        RuntimeError: It ended early or did not answer within ``limit_s``; with its output.
    """
    port = _free_port()
    with tempfile.TemporaryFile("w+") as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env={**environment, "CROWDSAFE_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while time.monotonic() - begin < limit_s:
                if _answers(port):
                    return time.monotonic() - begin
                if process.poll() is not None:
                    break
                time.sleep(POLL_S)  # noqa: TID251 - polls another process, nothing to wait on
            output.seek(0)
            raise RuntimeError(f"make run did not answer in {limit_s} s:\n{output.read()}")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def measure() -> list[Figure]:
    """Return the duration of a second start with a database and weights already there."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CROWDSAFE_HOME": home, "CROWDSAFE_OFFLINE": "true"}
        folder = assets_folder()
        if folder is not None:
            environment["YOLO_MODEL"] = str(folder / "models" / "yolo11n_int8_openvino_model")
        first_s = seconds_until_healthy(environment, limit_s=FIRST_START_LIMIT_S)
        second_s = min(
            seconds_until_healthy(environment, limit_s=SECOND_START_LIMIT_S) for _ in range(2)
        )
    return [
        figure(
            "pipeline.second_start_s",
            round(second_s, 2),
            "s",
            target="<= 5",
            note=f"first start with an empty data folder: {first_s:.2f} s",
        )
    ]
