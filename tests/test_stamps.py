"""File stamps: whatever changes a file changes its stamp, and a young one is not trusted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.stamps import SETTLING_NS, file_stamp, file_stamps, settled_before


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"one")
    return path


def test_a_file_of_another_size_is_another(file: Path) -> None:
    before = file_stamp(file)
    file.write_bytes(b"three")
    assert file_stamp(file).size == 5 != before.size


def test_a_replaced_file_is_another_even_of_the_same_size_and_time(file: Path) -> None:
    before = file_stamp(file)
    write_atomically(file, b"two")
    assert file_stamp(file)._replace(changed_ns=before.changed_ns) != before


def test_a_time_that_was_set_back_hides_no_change(file: Path) -> None:
    """As `cp -p`, `tar` and editors that restore times do."""
    before = file_stamp(file)
    file.write_bytes(b"two")
    os.utime(file, ns=(0, 0))
    assert file_stamp(file).changed_ns >= before.changed_ns > SETTLING_NS


def test_where_there_is_no_time_of_change_that_of_the_content_counts(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows ``st_ctime`` is when the file was created."""
    created, written = 10**9, 2 * 10**9
    status = os.stat_result((0o100644, 7, 0, 1, 0, 0, 3, 0, 2, 1), {"st_ctime_ns": created, "st_mtime_ns": written})
    monkeypatch.setattr(os, "stat", lambda _: status)
    assert file_stamp(file).changed_ns == written


def test_links_are_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    assert file_stamp(tmp_path / "link") == file_stamp(file)


def test_only_what_changed_before_the_last_two_seconds_is_trusted() -> None:
    before = time.time_ns()
    assert before - SETTLING_NS <= settled_before() <= time.time_ns() - SETTLING_NS
    assert SETTLING_NS == 2_000_000_000


class TestFolder:
    def test_the_wanted_files_are_stamped(self, file: Path, tmp_path: Path) -> None:
        (tmp_path / "other").write_bytes(b"")
        assert dict(file_stamps(tmp_path, lambda name: name.endswith(".yaml"))) == {"a.yaml": file_stamp(file)}
        assert set(dict(file_stamps(tmp_path))) == {"a.yaml", "other"}

    def test_no_folder_and_a_file_in_its_place_hold_nothing(self, file: Path, tmp_path: Path) -> None:
        assert list(file_stamps(tmp_path / "none")) == list(file_stamps(file)) == []

    def test_a_link_to_nothing_and_one_to_itself_are_left_out(self, file: Path, tmp_path: Path) -> None:
        (tmp_path / "nothing").symlink_to(tmp_path / "none")
        (tmp_path / "itself").symlink_to(tmp_path / "itself")
        assert set(dict(file_stamps(tmp_path))) == {"a.yaml"}

    def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "scandir", refused)
        with pytest.raises(PermissionError):
            list(file_stamps(tmp_path))
