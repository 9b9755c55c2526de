"""Atomic writes: what is written is durable before it takes its place, and its name is afterwards."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.workspace.atomic import remove_leftovers, write_atomically
from embedai_nb.workspace.transaction import commit


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the disk, in its order: contents, renames, names in a folder."""
    seen, fsync = list[str](), os.fsync

    def synced(descriptor: int) -> None:
        seen.append(f"sync {'folder' if stat.S_ISDIR(os.fstat(descriptor).st_mode) else 'content'}")
        fsync(descriptor)

    def renaming(rename: Callable[..., Any]) -> Callable[..., Any]:
        def renamed(*arguments: Any) -> Any:
            seen.append("rename")
            return rename(*arguments)

        return renamed

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renaming(os.replace))
    return seen


def test_content_then_name_then_folder(tmp_path: Path, events: list[str]) -> None:
    write_atomically(tmp_path / "a.yaml", b"a")
    assert events == ["sync content", "rename", "sync folder"]


def test_a_transaction_syncs_what_it_staged_its_journal_and_where_the_files_go(
    tmp_path: Path, events: list[str]
) -> None:
    for name in (".cache/staged/2026-11-15", ".cache/journal", "archive", "review"):
        (tmp_path / name).mkdir(parents=True)
    commit(tmp_path, "2026-11-15", {"archive/a.md": b"a", "review/a.ipynb": b"b"})
    staged = ["sync content", "sync content", "sync folder"]
    journal = ["sync content", "rename", "sync folder"]
    published = ["rename", "rename", "sync folder", "sync folder"]
    assert events == [*staged, *journal, *published, "sync folder"], "and last the folder that the journal left"


def test_leftovers_of_this_file_are_removed_and_of_no_other(tmp_path: Path) -> None:
    for name in (".a.yaml.0a1b2c3d.tmp", ".b.yaml.0a1b2c3d.tmp", ".a.yaml.swp", "mine.tmp"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "a.yaml")
    assert {path.name for path in tmp_path.iterdir()} == {".b.yaml.0a1b2c3d.tmp", ".a.yaml.swp", "mine.tmp"}
