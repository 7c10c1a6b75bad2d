"""Runs the helper programs of the store: bounded in time, with their last word as the result."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters import nncf_job, ultralytics_job
from backend.vision.adapters.ultralytics_env import ultralytics_environment

JOB_FILE = Path(ultralytics_job.__file__)
NNCF_JOB_FILE = Path(nncf_job.__file__)
PASSED_ON = frozenset(
    {
        "PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE", "APPDATA",
        "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    }
)  # fmt: skip
PASSED_ON_PREFIXES = ("PIP_", "SSL_", "REQUESTS_", "CURL_", "LC_", "OMP_")
"""What a helper program needs of the environment; passwords, keys and tokens stay here."""


POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Programs:
    """Starts helper programs, each with a time limit, and ends them when asked to stop.

    Attributes:
        config_dir: Folder ultralytics is confined to.
        stop: Once set, running programs are ended and no new one is waited for.
    """

    config_dir: Path
    stop: threading.Event

    def run_job(
        self, job: str, *arguments: str, timeout_s: float, cwd: Path, online: bool = False
    ) -> str:
        """Run one job of `ultralytics_job`; see `run_python`."""
        extra = ultralytics_environment(self.config_dir)
        if online:
            extra["YOLO_OFFLINE"] = "false"
        else:
            extra["CUDA_VISIBLE_DEVICES"] = ""
        command = ["-P", str(JOB_FILE), job, *arguments]
        return self.run_python(command, timeout_s=timeout_s, cwd=cwd, environment=extra)

    def run_nncf(self, *arguments: str, timeout_s: float, cwd: Path) -> str:
        """Run `nncf_job`; see `run_python`."""
        command = ["-P", str(NNCF_JOB_FILE), *arguments]
        return self.run_python(
            command, timeout_s=timeout_s, cwd=cwd, environment={"CUDA_VISIBLE_DEVICES": ""}
        )

    def run_python(
        self,
        arguments: Sequence[str],
        *,
        timeout_s: float,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run this Python with ``arguments`` and return the last line it printed.

        Raises:
            ModelError: It failed (its last line on standard error is the reason), took longer
                than ``timeout_s``, or the store was closed meanwhile.
        """
        try:
            program = subprocess.Popen(  # noqa: S603 - this Python; arguments are paths and numbers
                [sys.executable, *arguments],
                cwd=cwd,
                env={**_harmless_environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise ModelError(f"cannot be started: {error}") from error
        with program:
            said, complained = self._wait_for(program, timeout_s)
        if program.returncode != 0:
            reason = _last_line(complained) or f"ended with status {program.returncode}"
            raise ModelError(reason)
        return _last_line(said)

    def _wait_for(self, program: subprocess.Popen[str], timeout_s: float) -> tuple[str, str]:
        deadline_mono_s = time.monotonic() + timeout_s
        while True:
            left_s = deadline_mono_s - time.monotonic()
            if left_s <= 0.0 or self.stop.is_set():
                program.kill()
                reason = "stopped" if self.stop.is_set() else f"no result within {timeout_s:g} s"
                raise ModelError(reason)
            try:
                return program.communicate(timeout=min(POLL_S, left_s))
            except subprocess.TimeoutExpired:
                continue


def _harmless_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in PASSED_ON or name.upper().startswith(PASSED_ON_PREFIXES)
    }


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
