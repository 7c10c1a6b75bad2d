"""Check an nginx configuration: syntax with crossplane, and by nginx where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import crossplane  # type: ignore[import-untyped]


def check_syntax(path: Path) -> list[str]:
    """Return the parser's complaints about ``path``; empty when it is well formed."""
    parsed = crossplane.parse(str(path), strict=False)
    return [f"{error.get('line')}: {error['error']}" for error in parsed["errors"]]


def check_with_nginx(path: Path) -> list[str]:
    """Let nginx test the file with a throw-away certificate in place of the real one."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        print("nginx or openssl is not installed here: only the syntax was checked")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [
                openssl,
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
                "-keyout",
                str(folder / "tls.key"),
                "-out",
                str(folder / "tls.crt"),
            ],
            check=True,
            capture_output=True,
        )
        text = path.read_text(encoding="utf-8")
        text = text.replace("/etc/nginx/tls/", f"{folder}/").replace("app:5001", "127.0.0.1:5001")
        copy = folder / "nginx.conf"
        copy.write_text(text, encoding="utf-8")
        answer = subprocess.run(
            [
                nginx,
                "-t",
                "-q",
                "-p",
                str(folder),
                "-c",
                str(copy),
                "-g",
                f"pid {folder}/nginx.pid; error_log {folder}/error.log;",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return [] if answer.returncode == 0 else [answer.stderr.strip()]


def main() -> int:
    """Check the file named on the command line."""
    path = Path(sys.argv[1])
    complaints = check_syntax(path) or check_with_nginx(path)
    for complaint in complaints:
        print(f"{path}: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
