"""Run every static check of the project; all run, none may fail.

Checks that need a program that is not on this machine (node, docker) are named as skipped,
never passed over in silence.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def _shell_scripts() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", ".ci", "scripts", "deploy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return [
        name
        for name in listed
        if (ROOT / name).is_file()
        and (ROOT / name).read_bytes()[:40].split(b"\n", 1)[0].endswith((b"bash", b"/sh"))
    ]


def _commands() -> list[tuple[str, list[str]]]:
    python = sys.executable
    checks = [
        ("ruff check", [python, "-m", "ruff", "check", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("import rules", [str(BIN / "lint-imports")]),
        ("front end types", [python, "scripts/node_tools.py", "typecheck"]),
        ("yaml", [str(BIN / "yamllint"), "-s", "-d", _YAML_RULES, "docker-compose.yml"]),
        ("Dockerfile", [str(BIN / "hadolint"), "Dockerfile"]),
        ("nginx.conf", [python, "scripts/check_nginx.py", "nginx.conf"]),
    ]
    if scripts := _shell_scripts():
        checks.append(("shell scripts", [str(BIN / "shellcheck"), *scripts]))
    return checks


_YAML_RULES = "{extends: default, rules: {line-length: {max: 120}, document-start: disable}}"


def main() -> int:
    """Run all checks and return 1 if any failed."""
    failed = []
    for name, command in _commands():
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{'ok  ' if result.returncode == 0 else 'FAIL'} {name}", flush=True)
        if result.returncode != 0:
            failed.append(name)
            print(result.stdout + result.stderr, flush=True)
    if failed:
        print(f"lint failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
