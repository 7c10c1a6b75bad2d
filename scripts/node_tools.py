"""Run a front-end tool with the machine's Node.js or the one packaged as a wheel.

Usage: ``python scripts/node_tools.py test|typecheck``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from build_frontend import BuildError, find_npm

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"


def _command(task: str) -> list[str]:
    try:
        node = str(find_npm().bin_dir / "node")
    except BuildError as error:
        raise SystemExit(str(error)) from None
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
