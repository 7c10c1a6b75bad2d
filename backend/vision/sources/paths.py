"""Opening files below permitted folders only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from backend.core.errors import SourceLostError, SourceRefusedError


def resolve_below(text: str, folders: Iterable[Path], *, what: str) -> Path:
    """Return the real path of ``text`` if it lies below one of ``folders``.

    Args:
        text: Absolute path, or one relative to any of the folders.
        folders: Permitted folders; symbolic links in them are resolved.
        what: Subject of the error sentence, for instance "The video file".

    Raises:
        SourceRefusedError: outside every folder (after resolving links), or a malformed path.
        SourceLostError: permitted place, but nothing is there (it may come back).
    """
    if not text or "\0" in text:
        raise SourceRefusedError(f"{what} has no usable path.")
    roots = [folder.resolve() for folder in folders]
    given = Path(text)
    candidates = [given] if given.is_absolute() else [root / given for root in roots]
    missing = False
    for candidate in candidates:
        real = _resolve(candidate, what=what)
        if any(real.is_relative_to(root) for root in roots):
            if real.exists():
                return real
            missing = True
    if missing:
        raise SourceLostError(f"{what} {given.name!r} does not exist.")
    raise SourceRefusedError(
        f"{what} {given.name!r} is outside the folders that may be read. An administrator sets "
        "them with CROWDSAFE_FILE_FOLDERS."
    )


def _resolve(path: Path, *, what: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise SourceRefusedError(f"{what} {path.name!r} has no usable path.") from error


def open_regular_file(path: Path, *, what: str, max_bytes: int | None) -> FileIO:
    """Open a resolved ``path`` for reading without following a link or blocking on a pipe.

    Raises:
        SourceRefusedError: not a regular file, empty, too large or not readable.
        SourceLostError: it has gone.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise SourceLostError(f"{what} {path.name!r} does not exist.") from error
    except OSError as error:
        raise SourceRefusedError(
            f"{what} {path.name!r} cannot be read ({error.strerror})."
        ) from error
    try:
        # before FileIO, which fails on a folder in a way of its own
        _check_file(os.fstat(descriptor), path.name, what=what, max_bytes=max_bytes)
        return FileIO(descriptor, "r", closefd=True)
    except BaseException:
        os.close(descriptor)
        raise


def _check_file(status: os.stat_result, name: str, *, what: str, max_bytes: int | None) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SourceRefusedError(f"{what} {name!r} is not a file.")
    if status.st_size == 0:
        raise SourceRefusedError(f"{what} {name!r} is empty (0 bytes). Was it copied completely?")
    if max_bytes is not None and status.st_size > max_bytes:
        raise SourceRefusedError(
            f"{what} {name!r} has {status.st_size / 1e6:.0f} MB; "
            f"at most {max_bytes / 1e6:.0f} MB are allowed."
        )
