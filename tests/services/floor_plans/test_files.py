"""Pictures of plans on the disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.core.errors import NotFoundError, UnavailableError
from backend.services.floor_plans.files import PlanFiles

LATER = datetime.now(UTC) + timedelta(days=1)


def test_a_picture_is_kept_under_a_name_of_our_own_and_deleted_once(tmp_path: Path) -> None:
    files = PlanFiles(tmp_path / "plans")
    name = files.keep(b"picture", ".png")
    assert files.path(name).read_bytes() == b"picture"
    assert [path.name for path in (tmp_path / "plans").iterdir()] == [name]
    files.delete(name)
    files.delete(name)
    assert list((tmp_path / "plans").iterdir()) == []


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "x.svg", "", "a/b.png"])
def test_only_plain_names_lead_anywhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        PlanFiles(tmp_path).path(name)


def test_strays_go_what_belongs_to_a_row_or_is_new_stays(tmp_path: Path) -> None:
    files = PlanFiles(tmp_path)
    kept, stray = files.keep(b"a", ".png"), files.keep(b"b", ".jpg")
    (tmp_path / "half.png.part").write_bytes(b"c")
    (tmp_path / "notes.txt").write_bytes(b"somebody's own")
    assert files.prune({kept}, older_than=datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert files.prune({kept}, older_than=LATER) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([kept, "notes.txt"])
    assert not (tmp_path / stray).exists()
    assert PlanFiles(tmp_path / "none").prune(set(), older_than=LATER) == 0


def test_a_folder_that_cannot_be_written_to_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match="free some space"):
        PlanFiles(tmp_path / "file" / "plans").keep(b"a", ".png")
