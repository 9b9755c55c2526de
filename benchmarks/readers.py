"""Do all readers of a random text see the same?  GitHub's (cmark-gfm) and Jekyll's (kramdown), where they are installed.

Run with `python -m benchmarks.readers [TEXTS [SEED]]`; it fails where one of them shows another text, other links or
more items than the page does, and no finding says so.
"""

from __future__ import annotations

import datetime
import html.parser
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from embedai_nb.checks import Context, check
from embedai_nb.compose import complete
from embedai_nb.drafts import load_newsletter
from embedai_nb.errors import MarkupError
from embedai_nb.html.body import body
from embedai_nb.html.render import inline, linked
from embedai_nb.markdown import reads, writes
from embedai_nb.markdown.blocks import commonmark
from embedai_nb.markdown.liquid import unshielded
from embedai_nb.model import Issue, Item, Newsletter, Section

DAY = datetime.date(2031, 5, 4)
NEWSLETTER = Path(__file__).parents[1] / "issues" / "newsletter.yaml"
WITNESSES = tuple(f"https://witness.example/{n}" for n in (1, 2, 3))
LABEL = "摘要"
NAMING = {
    "bad-url", "cut-address", "eaten-signs", "empty-link", "list-start", "not-markdown", "raw-end", "readers-differ", "reads-differently", "too-deep",
}  # fmt: skip
"""The rules that tell an editor of what readers see differently."""
BATCH = 200
"""Texts that one process of Ruby reads: starting it takes as long as reading hundreds."""

# --- random texts ---------------------------------------------------------------------------------------------

WORDS = [
    "量化", "部署到端侧。", "模型，", "int8", "RISC-V", "字", "（括注）", "「引」", "“引号”", "、", "！", "：", "a_b", "__init__.py", "1*1", "640*480", "2022.",
    "100%", "C++", "R&D", "AT&T;", "&copy;", "&lt;", "a | b", "x~y", "1~11", "$5", "#1", "- ", "* ", "+ ", "…", "--", "\\*", "\\", "\\\\", "😀", "é", "!", "^", "@x", "'", '"',
]  # fmt: skip
LINKS = [
    "https://a.example/x", "https://a.example/a_b_c", "https://a.example/x?a=1&b=2", "https://a.example/(x)", "https://zh.example/wiki/深度学习", "www.a.example",
    "a@b.example", "<https://a.example/y>", "<a@b.example>", "https://例子.中国/a", "http://a.example/*x*", "https://a.example/~u/", "https://a.example/x。后", "ftp://a.example",
]  # fmt: skip
OTHER = [
    "<b>", "</b>", "<br>", "<!-- x -->", "<img src=x onerror=y>", "<script>", "{{ x }}", "{% if x %}", "{: .note}", "{:.x}", "$$x^2$$", "$x$", "[^1]", "[r]", "[文][r]", "[x]", "[ ]",
    "[]", "](u)", "[[l]](https://a.example)", "![图](https://a.example/i.png)", "![]()", "[空]()", '[题](https://a.example "题")', "[尖](<https://a.example/x y>)", "<", ">", "<?", "&",
]  # fmt: skip
STARTS = ["# ", "## ", "> ", "- ", "1. ", "2022. ", "---", "***", "===", ": ", "| ", "```", "~~~", "    ", "\t", "[r]: https://a.example", "[^1]: ", "<div>", "<pre>", "* * *", "+", "1)"]  # fmt: skip
MARKS = ["*", "**", "***", "_", "__", "~~", "`", "``"]


def random_text(chance: random.Random) -> str:
    """Some blocks of all kinds, or a soup of signs."""
    if chance.random() < 0.25:
        return "".join(
            chance.choice([*WORDS, *MARKS, *OTHER, *STARTS, " ", "\n", "\n\n", "\n  ", "\n    "])
            for _ in range(chance.randint(1, 12))
        )
    parts: list[str] = []
    for _ in range(chance.randint(1, 4)):
        parts += ["\n" * chance.choice([1, 2, 2, 2, 3])] * bool(parts) + [block(chance, 2)]
    return "".join(parts)


def line(chance: random.Random) -> str:
    """Some words with markup."""
    return chance.choice(["", "", "", " "]).join(phrase(chance) for _ in range(chance.randint(1, 4)))


def phrase(chance: random.Random) -> str:
    """A few words, perhaps marked."""
    words = "".join(chance.choice(WORDS) for _ in range(chance.randint(1, 3)))
    kind = chance.random()
    if kind < 0.45:
        return words
    if kind < 0.65:
        mark = chance.choice(MARKS)
        return f"{mark}{words}{mark}"
    if kind < 0.75:
        return f"[{words}](https://a.example/{chance.randint(0, 9)})"
    if kind < 0.85:
        return chance.choice(LINKS) + chance.choice(["", " ", "，后", "。"])
    if kind < 0.95:
        return chance.choice(OTHER)
    return chance.choice(MARKS) + words


def block(chance: random.Random, depth: int) -> str:
    """A block, in which others are nested."""
    kinds: list[Callable[[], str]] = [
        partial(paragraph, chance),
        partial(paragraph, chance),
        partial(fence, chance),
        partial(table, chance),
        lambda: chance.choice(STARTS) + line(chance),
    ]
    if depth:
        kinds += [partial(entries, chance, depth), partial(entries, chance, depth), partial(quote, chance, depth)]
    return chance.choice(kinds)()


def paragraph(chance: random.Random) -> str:
    """One to three lines."""
    return "\n".join(chance.choice(["", "", "", "  "]) + line(chance) for _ in range(chance.randint(1, 3)))


def fence(chance: random.Random) -> str:
    """A block of code, not always closed."""
    mark, content = (
        chance.choice(["```", "~~~", "````"]),
        chance.choice(["x = 1", "def f():\n\n    return {{x}}", "<b>\n- a", "```", "", "# 甲"]),
    )
    return f"{mark}{chance.choice(['', 'py', 'c++', 'sh -x'])}\n{content}\n" + mark * (chance.random() < 0.9)


def table(chance: random.Random) -> str:
    """A table, not always with as many cells in each row."""
    wide = chance.randint(1, 3)
    rows = [
        ["---"] * wide if n == 1 else [phrase(chance).replace("\n", " ") for _ in range(wide)]
        for n in range(chance.randint(2, 4))
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def entries(chance: random.Random, depth: int) -> str:
    """A list, tight or loose, at some indentation."""
    mark, gap, margin = (
        chance.choice(["- ", "* ", "+ ", "1. ", "3. ", "1) ", "- [ ] ", "- [x] "]),
        chance.choice(["\n", "\n", "\n\n"]),
        chance.choice(["", "", "  ", "    "]),
    )
    found = []
    for n in range(chance.randint(1, 3)):
        own = f"{n + 1}. " if mark == "1. " else mark
        inside = [line(chance)] if chance.random() < 0.9 else [block(chance, depth - 1)]
        inside += [block(chance, depth - 1) for _ in range(chance.choice([0, 0, 1]))]
        content = chance.choice(["\n", "\n\n"]).join(inside)
        found.append(own + content.replace("\n", "\n" + " " * chance.choice([len(own), len(own), 2, 4])))
    return margin + gap.join(found).replace("\n", "\n" + margin)


def quote(chance: random.Random, depth: int) -> str:
    """A quote with blocks in it."""
    inside = "\n\n".join(block(chance, depth - 1) for _ in range(chance.randint(1, 2)))
    return "\n".join(f"> {each}".rstrip() for each in inside.split("\n"))


def draft(chance: random.Random) -> Issue:
    """Three items, of which the second has a random text."""
    text = random_text(chance)
    title = "第二条" if chance.random() < 0.7 else line(chance).replace("\n", " ")
    own = {"fields": {LABEL: text}} if chance.random() < 0.7 else {"text": text}
    items = (
        Item(title="第一条", source="来源", url=WITNESSES[0], fields={LABEL: "第一条的正文。"}),
        Item.model_validate({"title": title, "source": chance.choice(["来源", ""]), "url": WITNESSES[1], **own}),
        Item(title="第三条", source="来源", url=WITNESSES[2], fields={LABEL: "第三条的正文。"}),
    )
    return Issue(date=DAY, headline=("甲",), sections=(Section(name="博文", items=items),))


# --- what readers see -----------------------------------------------------------------------------------------

FOLDED = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "–": "--", "—": "---", "«": "<<", "»": ">>"}
)
BARS = re.compile("[|]")
ACTIVE = {
    "script",
    "style",
    "iframe",
    "form",
    "object",
    "embed",
    "link",
    "meta",
    "b",
    "i",
    "div",
    "details",
    "h2",
    "h3",
    "hr",
}


class Seen(NamedTuple):
    """What a reader sees of an item."""

    text: str
    links: tuple[str, ...]
    odd: frozenset[str]
    """Tags that no page has in an item."""


def spelling(address: str) -> str:
    """An address, neither percent-encoded nor in Punycode."""
    return re.sub(
        r"\bxn--[a-z0-9-]+", lambda label: label[0].encode().decode("idna"), unquote(address), flags=re.IGNORECASE
    )


class Page(html.parser.HTMLParser):
    """The outermost list entries of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.items: list[Seen] = []
        self._depth = 0
        self._lists: list[int] = []
        self._start()
        self.feed(re.sub(r"(?s)<!--.*?-->", "", source))
        self.close()

    def _start(self) -> None:
        self._text, self._links, self._tags = list[str](), list[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "li" and not self._depth:
            self._start()
        self._depth += tag == "li"
        if tag in {"ul", "ol"}:
            self._lists.append(int(given.get("start") or 1) if tag == "ol" else -(10**9))
        elif tag == "li" and self._lists and self._depth > 1:
            self._text.append(f"{self._lists[-1]}." if self._lists[-1] >= 0 else "")
            self._lists[-1] += 1
        elif tag == "input":
            self._text.append("☑" if "checked" in given else "☐")
        elif tag == "img":
            self._text.append(given.get("alt", ""))
        address = given.get("src" if tag == "img" else "href", "")
        if address and not address.startswith("mailto:"):
            self._links.append(spelling(address))
        self._tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        self._depth -= tag == "li"
        if tag == "li" and not self._depth:
            self.items.append(self.seen())

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def seen(self) -> Seen:
        """The item that ends here."""
        text = "".join("".join(self._text).translate(FOLDED).split()).replace("☐", "[]").replace("☑", "[x]")
        return Seen(text.replace("|", ""), tuple(self._links), frozenset(self._tags & ACTIVE))


def witnesses(page: str) -> list[Seen]:
    """The items whose link is a witness."""
    return [item for item in Page(page).items if any(link in WITNESSES for link in item.links)]


def shown(issue: Issue) -> Seen:
    """What the page shows of the second item."""
    item = issue.sections[0].entries[1]
    head = f"{linked(inline(item.title), WITNESSES[1])}{inline(item.source)}"
    parts = [body(item.text) if item.text else "", *(f"{label}：{body(text)}" for label, text in item.fields.items())]
    page = Page(f"<ul><li>{head}{''.join(parts)}</li></ul>")
    return page.items[0]


GITHUB = ("table", "strikethrough", "autolink", "tagfilter", "tasklist", "footnotes")
KRAMDOWN = """
require "kramdown"; require "kramdown-parser-gfm"
STDIN.set_encoding("UTF-8")
STDIN.read.split("\\0").each { |text| puts Kramdown::Document.new(text, input: "GFM", hard_wrap: false,
  syntax_highlighter: nil).to_html, "\\0" }
"""


def markdown_it(texts: Sequence[str]) -> list[str]:
    """What CommonMark makes of Markdown."""
    return [str(commonmark().render(text)) for text in texts]


def github(texts: Sequence[str]) -> list[str]:
    """What GitHub makes of it."""
    command = ["cmark-gfm", "--unsafe", *(word for name in GITHUB for word in ("-e", name))]
    return [
        subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode() for text in texts
    ]


def jekyll(texts: Sequence[str]) -> list[str]:
    """What Jekyll makes of it."""
    done = subprocess.run(["ruby", "-e", KRAMDOWN], input="\0".join(texts).encode(), capture_output=True, check=True)
    return done.stdout.decode().split("\0\n")[: len(texts)]


def installed() -> dict[str, Callable[[Sequence[str]], list[str]]]:
    """The readers that can be asked here."""
    found: dict[str, Callable[[Sequence[str]], list[str]]] = {"markdown-it": markdown_it}
    if shutil.which("cmark-gfm"):
        found["github"] = github
    if (
        shutil.which("ruby")
        and not subprocess.run(["ruby", "-e", KRAMDOWN], input=b"", capture_output=True, check=False).returncode
    ):
        found["jekyll"] = jekyll
    return found


# --- comparison -----------------------------------------------------------------------------------------------


def difference(page: Seen, items: list[Seen], *, bare: bool) -> str:
    """How a reader's items differ from what the page shows; empty if they don't."""
    if [next(link for link in item.links if link in WITNESSES) for item in items] != list(WITNESSES):
        return f"items: {[item.links[:1] for item in items]}"
    found = items[1]
    if items[0].text != f"第一条来源{LABEL}：第一条的正文。" or items[2].text != f"第三条来源{LABEL}：第三条的正文。":
        return f"around it: {items[0].text!r}, {items[2].text!r}"
    if found.text != page.text:
        at = max(
            0,
            next(
                (n for n, (a, b) in enumerate(zip(found.text, page.text, strict=False)) if a != b),
                min(len(found.text), len(page.text)),
            )
            - 8,
        )
        return f"text {found.text[at : at + 30]!r}, on the page {page.text[at : at + 30]!r}"
    links = [[link for link in seen.links if not bare or link not in page.text] for seen in (found, page)]
    if sorted(links[0]) != sorted(links[1]):
        return f"links {sorted({*links[0]} ^ {*links[1]})}"
    return f"tags {sorted(found.odd)}" if found.odd else ""


def findings(issue: Issue, newsletter: Newsletter) -> list[str]:
    """The rules that say something of the second item, an editor being told of it."""
    context = Context(
        newsletter,
        complete=partial(complete, newsletter=newsletter),
        round_trip=lambda one: reads(writes(complete(one, newsletter), newsletter), newsletter),
        render=lambda _, text: body(text),
    )
    found = check(issue, context)
    place = ("sections", 0, "items", 1)
    return [
        each.rule for each in found if each.rule in NAMING and each.severity != "note" and each.place.path[:4] == place
    ]


def compared(issues: Sequence[Issue], newsletter: Newsletter) -> Iterator[tuple[Issue, str, str]]:
    """Each issue with the first reader that differs, and how."""
    published, pages, kept = [], [], []
    for issue in issues:
        try:
            made = complete(issue, newsletter)
            pages.append(shown(made))
        except MarkupError:
            continue
        kept.append(issue)
        markdown = re.sub(r"\A---\n.*?\n---\n", "", writes(made, newsletter), flags=re.DOTALL)
        published.append(unshielded(markdown))
    read = {name: reader(published) for name, reader in installed().items()}
    for n, (issue, page) in enumerate(zip(kept, pages, strict=True)):
        for name, made_of in read.items():
            bare = name != "github"
            if found := difference(page, witnesses(made_of[n]), bare=bare):
                yield issue, name, found
                break
        else:
            yield issue, "", ""


def main() -> int:
    count, seed = (
        (int(word) for word in [*sys.argv[1:], "2000", "0"][:2]) if len(sys.argv) < 3 else map(int, sys.argv[1:3])
    )
    newsletter, told, began = load_newsletter(NEWSLETTER), Counter[str](), time.monotonic()
    for first in range(seed, seed + count, BATCH):
        numbers = range(first, min(first + BATCH, seed + count))
        issues = [draft(random.Random(number)) for number in numbers]
        for number, (issue, reader, how) in zip(numbers, compared(issues, newsletter), strict=False):
            rules = findings(issue, newsletter) if reader else []
            told["same" if not reader else f"said: {rules[0]}" if rules else f"BROKEN: {reader}"] += 1
            if reader and not rules:
                item = issue.sections[0].entries[1]
                print(
                    f"{number} {reader}: {how}\n    title {item.title!r}\n    {item.text or item.fields[LABEL]!r}",
                    flush=True,
                )
    for name, times in told.most_common():
        print(f"{name:32}{times:7}")
    print(f"{count} texts in {time.monotonic() - began:.0f} s, read by {', '.join(installed())}")
    return int(any(name.startswith("BROKEN") for name in told))


if __name__ == "__main__":
    sys.exit(main())
