"""All readers of the published Markdown see the same: what is written ends with its item and is active nowhere."""

from __future__ import annotations

import datetime
import html
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from benchmarks import readers as random_texts
from embedai_nb.compose import complete
from embedai_nb.html.body import body
from embedai_nb.html.render import inline
from embedai_nb.markdown import reads, safe, writes
from embedai_nb.markdown.inert import inert
from embedai_nb.markdown.readers import differences
from embedai_nb.model import Issue, Item, Newsletter, Section

from .conftest import DATA

DAY = datetime.date(2031, 5, 4)
FIRST, SECOND, THIRD = (f"https://witness.example/{n}" for n in (1, 2, 3))
TAGS = set(re.findall("[a-z0-9]+", "h1 h2 p a br ul ol li strong em s code pre table thead tbody"))
CMARK = shutil.which("cmark-gfm")
EXAMPLES = 120
"""Random texts, which are the same each time."""
KRAMDOWN = """
require "kramdown"; require "kramdown-parser-gfm"
STDIN.read.split("\\0").each { |text| puts Kramdown::Document.new(text, input: "GFM", hard_wrap: false,
  syntax_highlighter: nil).to_html, "\\0" }
"""


def issue(text: str, *, title: str = "第二条", label: str = "摘要", source: str = "来源") -> Issue:
    """Three items, of which the second has this text."""
    items = (
        Item(title="第一条", source="来源", url=FIRST, fields={"摘要": "第一条的正文。"}),
        Item(title=title, source=source, url=SECOND, **({"fields": {label: text}} if label else {"text": text})),
        Item(title="第三条", source="来源", url=THIRD, fields={"摘要": "第三条的正文。"}),
    )
    return Issue(date=DAY, headline=("甲",), sections=(Section(name="博文", items=items),))


def published(draft: Issue, newsletter: Newsletter) -> str:
    return writes(complete(draft, newsletter), newsletter)


def commonmark(text: str) -> str:
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def entries(page: str) -> list[str]:
    """The outermost list entries that begin with a witness, as HTML."""
    found, depth, start = [], 0, 0
    for tag in re.finditer(r"<(/?)li>", page):
        if not tag[1]:
            start = start if depth else tag.end()
            depth += 1
        else:
            depth -= 1
            if not depth:
                found.append(page[start : tag.start()])
    return [entry for entry in found if "https://witness.example/" in entry]


def shown(page: str) -> str:
    """The characters that a reader sees."""
    page = re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    page = re.sub(r'<input[^>]*checked="[^"]*"[^>]*>', "☑", page)
    page = re.sub(r"<input[^>]*>", "☐", page)
    page = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r"\1", page)
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split()).replace("☐", "[]").replace("☑", "[x]")


# --- each text by hand ----------------------------------------------------------------------------------------


def texts() -> list[str]:
    found = (DATA / "readers" / "texts.txt").read_text(encoding="utf-8").split("\n====\n")
    assert len(found) > 50
    return found


@pytest.mark.parametrize("label", ["摘要", ""])
@pytest.mark.parametrize("text", texts())
def test_what_stands_in_an_item_ends_with_it(text: str, label: str, newsletter: Newsletter) -> None:
    markdown = published(issue(text, label=label), newsletter)
    found = entries(commonmark(markdown))
    assert [re.search(r'href="(https://witness[^"]*)"', entry)[1] for entry in found] == [FIRST, SECOND, THIRD]  # type: ignore[index]
    assert shown(found[2]) == "第三条|来源摘要：第三条的正文。"


@pytest.mark.parametrize("text", texts())
def test_the_page_shows_what_commonmark_makes_of_the_markdown(text: str, newsletter: Newsletter) -> None:
    draft = complete(issue(text), newsletter)
    assert not list(differences(draft, newsletter))
    entry = entries(commonmark(writes(draft, newsletter)))[1]
    field = draft.sections[0].entries[1].fields["摘要"]
    assert shown(entry) == shown(f"第二条|来源摘要：{body(field)}")


@pytest.mark.parametrize("sign", ["☐", "☑"])
def test_the_sign_of_a_box_is_the_same_in_a_title_as_in_a_text(sign: str, newsletter: Newsletter) -> None:
    draft = issue(f"{sign} 做完", title=f"{sign} 清单")
    assert not list(differences(complete(draft, newsletter), newsletter))


@pytest.mark.parametrize("text", texts())
def test_making_safe_changes_nothing_that_is_seen(text: str, newsletter: Newsletter) -> None:
    before = issue(text)
    after = safe(before, newsletter)
    same = [shown(body(each.sections[0].entries[1].fields["摘要"])) for each in (before, after)]
    assert same[0] == same[1]
    assert safe(after, newsletter) == after


@pytest.mark.parametrize("text", texts())
def test_nothing_is_active(text: str, newsletter: Newsletter) -> None:
    page = commonmark(published(issue(text), newsletter))
    tags = set(re.findall(r"<([a-z0-9]+)", page)) - TAGS
    assert tags <= {"blockquote", "tr", "th", "td", "hr", "img"}


# --- any text -------------------------------------------------------------------------------------------------

PIECES = [
    "文", "字。", "，", "word", " ", "  ", "\n", "\n", "\n\n", "\n    ", "\n  ", "- ", "* ", "+ ", "1. ", "2. ", "2022. ", "1) ", "> ", "# ", "## 往期回顾", "---",
    "===", "***", "```", "```py\n", "~~~", "|", "|---|---|", "| a | b |\n|---|---|\n", "*", "**", "_", "__", "~~", "~", "`", "``", "[", "]", "(", ")", "](u)",
    "[x](https://e.com)", "![图](https://e.com/i.png)", "[r]: https://e.com", "[r]", "<", ">", "<b>", "</b>", "<!--", "-->", "<pre>", "<details>", "<script>",
    "<https://e.com>", "https://e.com/a_b", "www.e.com", "a@b.example", "&lt;", "&", "\\", "$", "$$", "{", "}", "{:", "{{", "{%", ": ", "[ ] ", "[^1]", "「", "」", "“",
    "\t", "1*1", "!", "<?", "]]>", "<div\n",
]  # fmt: skip
anything = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30)


@given(text=anything, label=st.sampled_from(["摘要", ""]))
@example(text="- ", label="")
def test_any_text_leaves_the_next_item_an_item(text: str, label: str, newsletter: Newsletter) -> None:
    found = entries(commonmark(published(issue(text, label=label), newsletter)))
    assert shown(found[-1]) == "第三条|来源摘要：第三条的正文。"
    assert shown(found[0]) == "第一条|来源摘要：第一条的正文。"


@given(text=anything, label=st.sampled_from(["摘要", ""]))
def test_what_is_published_is_read_as_it_is_shown(text: str, label: str, newsletter: Newsletter) -> None:
    """Law 1: reading what was written gives the same issue, in the form that a safe one has."""
    draft = complete(issue(text, label=label), newsletter)
    again = reads(writes(draft, newsletter), newsletter)
    assert writes(again, newsletter) == writes(draft, newsletter)


@given(text=anything)
def test_a_line_that_was_made_inert_shows_the_same(text: str) -> None:
    line = " ".join(text.split())
    assert shown(inline(inert(line))) == shown(inline(line))


def test_random_texts_are_the_same_to_all_readers(newsletter: Newsletter) -> None:
    """Or a finding says how they differ; `python -m benchmarks.readers` takes thousands, this the first of them."""
    drafts = [random_texts.draft(random.Random(number)) for number in range(EXAMPLES)]
    found = random_texts.compared(drafts, newsletter)
    unsaid = [(one, reader, how) for one, reader, how in found if reader and not random_texts.findings(one, newsletter)]
    assert not unsaid


# --- real readers, where they are installed -------------------------------------------------------------------


@pytest.mark.skipif(CMARK is None, reason="cmark-gfm is not installed")
def test_github_shows_the_same(newsletter: Newsletter) -> None:
    for text in texts():
        draft = complete(issue(text), newsletter)
        markdown = re.sub(r"\A---\n.*?\n---\n", "", writes(draft, newsletter), flags=re.DOTALL)
        names = ("table", "strikethrough", "autolink", "tagfilter", "tasklist", "footnotes")
        command = [str(CMARK), "--unsafe", *(word for name in names for word in ("-e", name))]
        page = subprocess.run(command, input=markdown, capture_output=True, text=True, check=True)
        found = entries(re.sub(r"<li[^>]*>", "<li>", page.stdout))
        field = draft.sections[0].entries[1].fields["摘要"]
        assert [shown(found[0]), shown(found[2])] == [
            "第一条|来源摘要：第一条的正文。",
            "第三条|来源摘要：第三条的正文。",
        ], text
        assert shown(found[1]) == shown(f"第二条|来源摘要：{body(field)}"), text


def _kramdown() -> bool:
    ruby = shutil.which("ruby")
    return bool(ruby) and not subprocess.run([str(ruby), "-e", KRAMDOWN], input=b"", capture_output=True).returncode


@pytest.mark.skipif(not _kramdown(), reason="kramdown is not installed")
def test_jekyll_shows_the_same(newsletter: Newsletter) -> None:
    drafts = [complete(issue(text), newsletter) for text in texts()]
    sources = [re.sub(r"\A---\n.*?\n---\n", "", writes(draft, newsletter), flags=re.DOTALL) for draft in drafts]
    done = subprocess.run(
        ["ruby", "-e", KRAMDOWN], input="\0".join(sources), capture_output=True, text=True, check=True
    )
    for draft, text, page in zip(drafts, texts(), done.stdout.split("\0\n"), strict=False):
        found = [_folded(shown(entry)) for entry in entries(re.sub(r"<li[^>]*>", "<li>", page))]
        field = draft.sections[0].entries[1].fields["摘要"]
        assert found == [
            "第一条|来源摘要：第一条的正文。",
            _folded(shown(f"第二条|来源摘要：{body(field)}")),
            "第三条|来源摘要：第三条的正文。",
        ], text


def _folded(text: str) -> str:
    """What kramdown sets otherwise: quotes, dashes, dots."""
    for typographic, typed in {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "…": "...",
        "–": "--",
        "—": "---",
        "«": "<<",
        "»": ">>",
    }.items():
        text = text.replace(typographic, typed)
    return text


def test_the_data_is_there() -> None:
    assert Path(DATA / "readers" / "texts.txt").is_file()
