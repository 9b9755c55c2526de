"""Files of the cache and the journal with any content: made again, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedai_nb.capture.response_cache import Response, ResponseCache
from embedai_nb.channels.wechat.upload_cache import _read as read_uploads
from embedai_nb.checks import link_status
from embedai_nb.edition import _kept
from embedai_nb.errors import DraftError
from embedai_nb.publish.freshness import PublishRecord, survey
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout
from embedai_nb.workspace.revisions import load_revisions
from embedai_nb.workspace.transaction import commit, recover

DAMAGED = {
    "nothing": "",
    "no JSON": "{",
    "nested too deeply": "[" * 200_000,
    "a number of too many digits": "9" * 5000,
    "a list": "[]",
    "a text": '"x"',
    "null": "null",
    "another shape": '{"version": 2, "issues": [], "cells": [1], "files": 1, "remove": 2, "url": 1, "charset": 2}',
    "another shape inside": '{"version": 2, "common": 1, "newsletter": [1], "issues": {"2031-05-04": [1, 2, 3, 4, 5]}, "cells": {}, '
    '"files": {"a": 1}, "remove": ["b"], "findings": {"errors": "x"}, "outputs": [], "shown": []}',
    "not UTF-8": "\udcff",
}
DAY = "2031-05-04"


@pytest.fixture(params=DAMAGED)
def damaged(request: pytest.FixtureRequest) -> bytes:
    return DAMAGED[request.param].encode("utf-8", "surrogateescape")


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_whatever_is_wrong_with_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json("[" * 200_000)


def test_the_survey_and_records_of_publications(damaged: bytes, tmp_path: Path) -> None:
    put(tmp_path, layout.NEWSLETTER, b"name: x\n")
    put(tmp_path, layout.draft(DAY), b"schema: 1\ndate: 2031-05-04\n")
    put(tmp_path, layout.SURVEY, damaged)
    put(tmp_path, layout.stamp(DAY), damaged)
    assert PublishRecord.read(tmp_path, DAY) is None
    assert [state.date for state in survey(tmp_path).stale] == [DAY]


def test_the_status_of_links(damaged: bytes, tmp_path: Path) -> None:
    put(tmp_path, layout.LINKS, damaged)
    assert link_status.load(tmp_path) == {}


def test_responses(damaged: bytes, tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.put("https://site.test/", Response("https://site.test/", b"x"))
    (path,) = tmp_path.iterdir()
    path.write_bytes(damaged)
    assert cache.get("https://site.test/") is None


def test_uploads(damaged: bytes, tmp_path: Path) -> None:
    assert isinstance(read_uploads(put(tmp_path, "wechat.json", damaged)), dict)


def test_an_executed_notebook(damaged: bytes, tmp_path: Path) -> None:
    assert _kept(put(tmp_path, "x.ipynb", damaged)) == {}


def test_revisions_are_no_cache_and_are_named(damaged: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, layout.REVISIONS, damaged)
    with pytest.raises(DraftError, match="damaged") as refused:
        load_revisions(tmp_path)
    assert str(refused.value).startswith(str(path))


def test_a_journal(damaged: bytes, tmp_path: Path) -> None:
    commit(tmp_path, DAY, {"archive/x.md": b"old"})
    put(tmp_path, f"{layout.JOURNAL}/{DAY}.json", damaged)
    put(tmp_path, f"{layout.STAGED}/{DAY}/archive+x.md", b"new")
    recover(tmp_path)
    assert (tmp_path / "archive/x.md").read_bytes() == b"old"
    assert not (tmp_path / layout.STAGED / DAY).exists()
    assert not (tmp_path / layout.JOURNAL / f"{DAY}.json").exists()


@pytest.mark.parametrize(
    "name", [f"{layout.STAGED}/x", f"{layout.STAGED}/2031-05-04", f"{layout.JOURNAL}/2031-05-04.partial"]
)
def test_rubbish_of_killed_runs_goes_away(name: str, tmp_path: Path) -> None:
    put(tmp_path, name, b"x")
    put(tmp_path, f"{layout.STAGED}/2030-01-01/archive+x.md", b"x")
    recover(tmp_path)
    assert [path for path in (tmp_path / ".cache").rglob("*") if path.is_file() and "locks" not in path.parts] == []
