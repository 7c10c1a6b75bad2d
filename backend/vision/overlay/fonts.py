"""Fonts for the scripts OpenCV's built-in faces lack (Devanagari, Thai, Tamil …).

Only fonts that come inside installed packages are relied on: the Noto families of
``fontpkg``, matplotlib's DejaVu and its last-resort face, which draws a labelled box for
any character at all. Noto fonts of the operating system are used when they are there.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata, util
from pathlib import Path

_PACKAGE_GROUP = "fontpkg.family"
_SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_LAST_RESORT = "LastResortHE-Regular.ttf"


@lru_cache(maxsize=1)
def fallback_fonts() -> tuple[Path, ...]:
    """Return the font files to try, best first; the last one covers every character."""
    found = [*_packaged_noto(), *_matplotlib("DejaVuSans.ttf"), *_system_noto()]
    return tuple(dict.fromkeys([*found, *_matplotlib(_LAST_RESORT)]))


@lru_cache(maxsize=4096)
def font_for(character: str) -> Path | None:
    """Return the first fallback font that has a glyph for ``character``, else None."""
    code = ord(character)
    for path in fallback_fonts():
        if code in _code_points(path):
            return path
    return None


@lru_cache(maxsize=64)
def _code_points(path: Path) -> frozenset[int]:
    """Code points with a glyph in the font; empty for a file that cannot be read."""
    # only for rare scripts; the package has no type stubs
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        with TTFont(path, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, KeyError, AssertionError):
        return frozenset()


def _packaged_noto() -> list[Path]:
    """Font files of installed ``fontpkg`` families."""
    fonts: list[Path] = []
    for entry in metadata.entry_points(group=_PACKAGE_GROUP):
        spec = util.find_spec(entry.module)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            fonts += sorted(Path(folder).rglob("*.ttf"))
    return fonts


def _matplotlib(name: str) -> list[Path]:
    """The named font of matplotlib, without importing matplotlib."""
    spec = util.find_spec("matplotlib")
    folders = (spec.submodule_search_locations or ()) if spec else ()
    paths = (Path(folder) / "mpl-data" / "fonts" / "ttf" / name for folder in folders)
    return [path for path in paths if path.is_file()]


def _system_noto() -> list[Path]:
    """Regular Noto Sans faces of the operating system, if any."""
    return [
        path
        for folder in _SYSTEM_FOLDERS
        if folder.is_dir()
        for path in sorted(folder.rglob("NotoSans*-Regular.ttf"))
    ]
