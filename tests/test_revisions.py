"""The file of revisions: whatever git makes of two branches of it is read, and in one way."""

from __future__ import annotations

import datetime
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.errors import DraftError
from embedai_nb.workspace import layout
from embedai_nb.workspace.revisions import Revision, Revisions, load_revisions, save_revisions, written

from .conftest import one_in

DAYS = [datetime.date(2031, 5, day) for day in (4, 11, 18, 25)]
TIMES = [datetime.datetime(2031, 5, 4, second=second, tzinfo=datetime.UTC) for second in range(3)]
FEED = "urn:uuid:0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / layout.ARCHIVE).mkdir()
    return tmp_path


def loaded(folder: Path, text: str) -> Revisions:
    (folder / layout.REVISIONS).write_text(text, encoding="utf-8")
    return load_revisions(folder)


def test_revisions_are_read_as_they_were_written(folder: Path) -> None:
    revisions = Revisions(FEED, {DAYS[0]: Revision("abc", TIMES[1], "urn:uuid:1")})
    save_revisions(folder, revisions)
    assert load_revisions(folder) == revisions
    save_revisions(folder, Revisions())
    assert load_revisions(folder) == Revisions()


def test_a_line_says_all_of_an_issue_and_ends_alike_wherever_it_stands() -> None:
    said = written(Revisions(FEED, {day: Revision("abc", TIMES[0], f"urn:{day}") for day in reversed(DAYS)})).decode()
    lines = said.splitlines()
    assert [line[1:11] for line in lines[1:-2]] == [str(day) for day in DAYS]
    assert all(line.endswith("],") for line in lines[1:-2])


@pytest.mark.parametrize(
    "text",
    [
        '{\n"2031-05-04": ["abc", "2031-05-04T00:00:00+00:00", "urn:uuid:1"]\n}\n',
        '{\n"feed": "urn:uuid:0",\n"2031-05-04": ["abc", "2031-05-04T00:00:00+00:00", "urn:uuid:1"]\n}\n',
        '{"2031-05-04": [\n  "abc",\n  "2031-05-04T00:00:00+00:00",\n  "urn:uuid:1"\n]}\n',
    ],
)
def test_files_of_former_versions_and_formatters_are_read(folder: Path, text: str) -> None:
    assert loaded(folder, text).issues == {DAYS[0]: Revision("abc", TIMES[0], "urn:uuid:1")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{\n<<<<<<< ours\n}", '{"2031-05-04": 1}', '{"x": ["a", "b"]}', '{\n"x"\n}', "\x00"]
)
def test_a_damaged_file_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(DraftError, match="damaged"):
        loaded(folder, text)


def test_what_both_branches_corrected_is_of_the_later_time_under_the_older_id(folder: Path) -> None:
    text = (
        '{\n"2031-05-04": ["ours", "2031-05-04T00:00:01+00:00", "urn:uuid:1"],\n'
        '"2031-05-04": ["theirs", "2031-05-04T00:00:02+00:00", "urn:uuid:2"],\n"feed": "urn:uuid:0"\n}\n'
    )
    assert loaded(folder, text).issues == {DAYS[0]: Revision("theirs", TIMES[2], "urn:uuid:1")}


def test_an_id_stays_with_the_date_that_one_branch_moved_an_issue_to(folder: Path) -> None:
    text = (
        '{\n"2031-05-04": ["edited", "2031-05-04T00:00:01+00:00", "urn:uuid:1"],\n'
        '"2031-05-11": ["moved", "2031-05-04T00:00:00+00:00", "urn:uuid:1"],\n"feed": "urn:uuid:0"\n}\n'
    )
    assert {day: revision.id for day, revision in loaded(folder, text).issues.items()} == {
        DAYS[0]: "",
        DAYS[1]: "urn:uuid:1",
    }


known = st.dictionaries(
    st.sampled_from(DAYS), st.builds(Revision, st.sampled_from("abc"), st.sampled_from(TIMES), st.just("urn:uuid:1"))
)


@one_in(2)
@given(known, known, known)
def test_git_never_makes_a_conflict_and_two_orders_give_one_result(
    base: dict[datetime.date, Revision], ours: dict[datetime.date, Revision], theirs: dict[datetime.date, Revision]
) -> None:
    versions = [{day: rev._replace(id=f"urn:{day}") for day, rev in issues.items()} for issues in (ours, base, theirs)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / layout.ARCHIVE).mkdir()
        for number, issues in enumerate(versions):
            (folder / str(number)).write_bytes(written(Revisions(FEED, issues)))
        merged = [loaded(folder, union(folder, *order)) for order in (("0", "1", "2"), ("2", "1", "0"))]
    assert merged[0] == merged[1]
    assert merged[0].feed_id == FEED
    for day in DAYS:
        there = [issues.get(day) for issues in versions]
        assert merged[0].issues.get(day) in there
        if there[1] is None and (new := [revision for revision in there if revision]):
            assert merged[0].issues[day] == max(new, key=lambda revision: (revision.updated, revision.digest))


def union(folder: Path, *versions: str) -> str:
    """What git makes of ours, base and theirs where `.gitattributes` says `merge=union`."""
    command = ["git", "merge-file", "--union", "-p", *versions]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout
