"""``make figures``: draw the figures of docs/methods from real runs.

Needs the test material (CROWDSAFE_TEST_ASSETS, or a folder ``shared`` beside the project).
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from pathlib import Path

import figures

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "methods" / "img"


def main() -> int:
    """Draw the topics named on the command line (all by default)."""
    sys.path.insert(0, str(ROOT))
    topics = sorted(item.name for item in pkgutil.iter_modules(figures.__path__))
    topics.remove("style")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topics", nargs="*", help=f"only these of: {', '.join(topics)}")
    chosen = parser.parse_args().topics or topics
    if unknown := sorted(set(chosen) - set(topics)):
        parser.error(f"no such topic: {', '.join(unknown)}; there are {', '.join(topics)}")
    assets = Path(os.environ.get("CROWDSAFE_TEST_ASSETS", ROOT.parent / "shared"))
    if not assets.is_dir():
        parser.error("test material not found; set CROWDSAFE_TEST_ASSETS to its folder")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for topic in chosen:
        print(f"drawing {topic} ...", file=sys.stderr, flush=True)
        importlib.import_module(f"figures.{topic}").draw(FOLDER, assets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
