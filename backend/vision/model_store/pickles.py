"""Which PyTorch weight files (.pt) may be read at all.

Such a file is a pickle: reading it runs whatever is in it. It is read only when an administrator
has put it into ``models/`` itself, and only by the export program, which ends afterwards; no
server process ever opens one. Nobody can name one over the network: the API offers what is
already exported.
"""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import ModelError

PICKLE_SUFFIX = ".pt"


def check_pickle(weights: Path, *, models_dir: Path) -> None:
    """Refuse a weight file that does not lie in ``models_dir`` once links are followed.

    Raises:
        ModelError: It lies elsewhere, or is a link that leads elsewhere.
    """
    if not weights.resolve().is_relative_to(models_dir.resolve()):
        led = " (it is a link that leads elsewhere)" if weights.is_symlink() else ""
        raise ModelError(
            f"{weights.name} is not read{led}: a .pt file can run any program, so only those "
            "copied into models/ are trusted. Copy it there"
        )
