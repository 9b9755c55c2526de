"""Old issues keep their structure: each text of data/markdown/structure.txt is shown as it was, once it was read and written."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from embedai_nb.markdown import read, writes
from embedai_nb.markdown.blocks import commonmark
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.model import Newsletter, Raw

from .conftest import DATA

TITLE = "# 嵌入式AI简报 (2031-05-04)\n\n"


def texts() -> list[Any]:
    found = []
    for block in (DATA / "markdown" / "structure.txt").read_text("utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        text, expected = rest.split("~~~\n")
        found.append(pytest.param(text, yaml.safe_load(expected), id=title))
    assert len(found) > 10
    return found


def rendered(text: str) -> str:
    """What CommonMark makes of it; wherever lines end, however loose its lists are, whatever closes a warm-up."""
    html = str(commonmark().render(unshielded(text)))
    return (
        re.sub(r"\s+|<br />|</?p>|</ul>\s*<ul>|[；。](?=</li>|<ul>|\s*<)", "", html).replace("；", "").replace("。", "")
    )


@pytest.mark.parametrize(("text", "expected"), texts())
def test_structure_is_kept(text: str, expected: Any, newsletter: Newsletter) -> None:
    reading = read(TITLE + text, newsletter)
    written = writes(reading.issue, newsletter)
    assert rendered(written) == rendered(TITLE + text)
    items = [item for section in reading.issue.sections for item in section.items]
    assert sum(not isinstance(item, Raw) for item in items) == expected["items"]
    assert [item.raw for item in items if isinstance(item, Raw)] == expected.get("raw", [])
    told = [remark.text for remark in reading.remarks if remark.kind == "raw"]
    assert told == expected.get("told", expected.get("raw", []))
    if links := expected.get("links"):
        assert re.findall(r'href="([^"]*)"', str(commonmark().render(written))) == links


@pytest.mark.parametrize(("text", "expected"), texts())
def test_what_is_shown_otherwise_is_reported_with_its_line(text: str, expected: Any, newsletter: Newsletter) -> None:
    """Of a text that looks the same, only characters that are written otherwise."""
    normalised = [remark for remark in read(TITLE + text, newsletter).remarks if remark.kind == "normalised"]
    assert [remark.text for remark in normalised] == expected.get("normalised", [])
