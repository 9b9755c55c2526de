"""Rules about Markdown that readers take for something else: the dialect has no such thing, or GitHub and Jekyll have more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.checks.messages import NO_MARKDOWN, NOTHING
from embedai_nb.errors import MarkupError
from embedai_nb.markdown.bare_urls import address_at
from embedai_nb.markdown.blocks import tokens_of
from embedai_nb.markdown.inline_spans import spans
from embedai_nb.markdown.liquid import RAW_END
from embedai_nb.markdown.readers import differences
from embedai_nb.model import Issue
from embedai_nb.text.paths import Path, published_texts
from embedai_nb.text.spans import excerpts

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

EATEN = re.compile(
    r"(?a:(?<=\w))(?P<stars>\*{1,3})(?=[^\s*])[^*\n]*(?<=[^\s*])(?P=stars)(?a:(?=\w))"
    r"|(?<![\w\\])__(?=\w)[\w.]*?\w__(?!_)(?:\.\w+)*"
)
"""Signs of emphasis within a word or a formula, which are gone when they are shown."""
TIMES = re.compile(r"(?<=\d)\*(?=\d)")
SINGLE_TILDE = re.compile(r"(?<![~\\])~(?!~)")
CUT = re.compile(rf"[{HAN}]")
GOES_ON = re.compile(r"[/#?=&_%-]\Z")
"""How an address ends that may go on in Chinese."""
REST_OF_ADDRESS = re.compile(r"[^\s<>，。；：！？、（）「」『』【】《》“”‘’…]*")
OTHER_NUMBER = re.compile(r"^[^\w\n]*(?:\d+[^\w\n]+)?(?!1[.)])\d{1,9}[.)](?:\s|$)", re.MULTILINE)


class Construct(NamedTuple):
    """Markup that is no part of the dialect."""

    name: str
    pattern: re.Pattern[str]
    instead: Callable[[re.Match[str]], str] | None = None


CONSTRUCTS = (
    Construct(
        "html-bold",
        re.compile(r"<(?P<tag>b|strong)>(?P<text>[^<>*\n]+)</(?P=tag)>", re.IGNORECASE),
        lambda found: f"**{found['text'].strip()}**",
    ),
    Construct(
        "html-emphasis",
        re.compile(r"<(?P<tag>i|em)>(?P<text>[^<>*\n]+)</(?P=tag)>", re.IGNORECASE),
        lambda found: f"*{found['text'].strip()}*",
    ),
    Construct(
        "html-code",
        re.compile(r"<(?P<tag>code|tt)>(?P<text>[^<>`\n]+)</(?P=tag)>", re.IGNORECASE),
        lambda found: f"`{found['text'].strip()}`",
    ),
    Construct("html-break", re.compile(r"<br */?>\n?", re.IGNORECASE), lambda _: "\n"),
    Construct("html", re.compile(r"</?[A-Za-z][^<>\n]*>|<!--")),
    Construct(
        "heading",
        re.compile(r"^ {0,3}#{1,6}[ \t]+(?P<text>[^\n*]*?)[ \t#]*$", re.MULTILINE),
        lambda found: f"**{found['text']}**" if found["text"] else "",
    ),
    Construct("rule", re.compile(r"^ {0,3}(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$", re.MULTILINE)),
    Construct("footnote", re.compile(r"\[\^[^\]\s]+\]")),
    Construct("formula", re.compile(r"\$\$[^$]+\$\$|(?<![\\$\w])\$(?=[^\s$])[^$\n]*[^\s$\\]\$(?![\w$])")),
    Construct("definition", re.compile(r"(?<=\n): +\S[^\n]*")),
    Construct("attributes", re.compile(r"\{:[^{}\n]*\}")),
)

SUSPECT = re.compile(r"[<#$]|-{3}|\*{3}|_{3}|={3}|\[\^|\n:|\{:")
"""Without one of these, a text has none of the constructs: a quick test, as most texts have none."""


def readers_differ(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """GitHub would show something else than the page."""
    if context.complete is None:
        return
    try:
        found = list(differences(context.complete(issue), context.newsletter, old=issue.imported))
    except MarkupError:  # nested too deep, of which another rule speaks
        return
    for difference in found:
        path, nothing = _in_draft(difference.path, issue), context.say(NOTHING)
        values = {"here": difference.here or nothing, "elsewhere": difference.elsewhere or nothing}
        yield RuleMatch(path, values)


def _in_draft(path: Path, issue: Issue) -> Path:
    """The place in the draft: sections without items are not published."""
    published = [n for n, section in enumerate(issue.sections) if section.items or issue.imported]
    number = path[1]
    return ("sections", published[number] if isinstance(number, int) else 0, *path[2:])


def not_markdown(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """What the dialect does not know; only of a new issue, as old ones have a little HTML around their items."""
    for path, text in () if issue.imported else _item_texts(issue):
        prose = _prose(text) if SUSPECT.search(text) else ""
        for construct in CONSTRUCTS:
            if found := list(construct.pattern.finditer(prose)):
                change = construct.instead and _replaced(text, found, construct.instead)
                name = context.say(NO_MARKDOWN[construct.name.partition("-")[0]])
                values = {"name": name, "excerpts": _excerpts(text, found, context)}
                yield RuleMatch(path, values, Replacement(path, change) if change is not None else None)
                break


def eaten_signs(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Asterisks or underscores that would vanish as emphasis."""
    for path, text in published_texts(issue):
        if ("*" in text or "__" in text) and (found := list(EATEN.finditer(_prose(text)))):
            yield RuleMatch(
                path, {"excerpts": _excerpts(text, found, context)}, Replacement(path, _replaced(text, found, _kept))
            )


def _kept(found: re.Match[str]) -> str:
    """The same as it should be shown: a times sign between numbers, a name in code, else a backslash."""
    if found[0].startswith("__"):
        return f"`{found[0]}`"
    before, after = found.string[found.start() - 1], found.string[found.end()]
    signs = TIMES.sub("×", f"{before}{found[0]}{after}")[1:-1]
    return signs.replace("*", "\\*")


def cut_address(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A bare address ends before Chinese, which may have been a part of it."""
    for path, text in published_texts(issue):
        found = list(_cut(text)) if "://" in text else []
        if found:
            right = text
            for start, end in reversed(found):
                right = f"{right[:start]}<{right[start:end]}>{right[end:]}"
            yield RuleMatch(path, {"excerpts": excerpts(text, found, context.say)}, Replacement(path, right))


def _cut(text: str) -> Iterator[tuple[int, int]]:
    for span in spans(text):
        if span.kind != "address":
            continue
        colon = text.index(":", span.start)
        rest = address_at(text, colon)
        end = colon + len(rest) if rest else 0
        if rest and GOES_ON.search(text[span.start : end]) and CUT.match(text, end):
            whole = REST_OF_ADDRESS.match(text, end)
            yield span.start, whole.end() if whole else end


def single_tilde(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Text that GitHub strikes through; only of an old issue, as a new one is published with its tildes escaped."""
    for path, text in published_texts(issue) if issue.imported else ():
        for line in _prose(text).split("\n") if text.count("~") > 1 else ():
            found = list(SINGLE_TILDE.finditer(line))
            if len(found) > 1:
                change = Replacement(path, SINGLE_TILDE.sub(r"\\~", text))
                yield RuleMatch(path, {"excerpts": _excerpts(line, found, context)}, change)
                break


def list_start(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A numbered list that begins with another number than 1: Jekyll counts from 1 all the same."""
    for path, text in () if issue.imported else _item_texts(issue):
        if OTHER_NUMBER.search(text):
            starts = (
                int(token.attrs.get("start", 1)) for token in tokens_of(text) if token.type == "ordered_list_open"
            )
            if other := next((start for start in starts if start != 1), 0):
                yield RuleMatch(path, {"number": other})


def raw_end(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """The tag that ends Jekyll's raw text."""
    for path, text in published_texts(issue):
        if "endraw" in text and RAW_END.search(text):
            yield RuleMatch(path, {"tag": "{% endraw %}"})


# --- texts ----------------------------------------------------------------------------------------------------


def _item_texts(issue: Issue) -> Iterator[tuple[Path, str]]:
    return (
        (path, text)
        for path, text in published_texts(issue)
        if path[0] == "sections" and path[-1] not in {"name", "note"}
    )


def _prose(text: str) -> str:
    """The text, what is no prose masked; every other character keeps its place."""
    lines, fence = text.split("\n"), ""
    for n, line in enumerate(lines):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if fence or mark:
            lines[n] = "\ufffc" * len(line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
    text = "\n".join(lines)
    if not any(sign in text for sign in "`\\<]:"):
        return text
    return "".join(
        text[span.start : span.end] if span.kind == "prose" else re.sub(r"[^\n]", "\ufffc", text[span.start : span.end])
        for span in spans(text)
    )


def _replaced(text: str, found: list[re.Match[str]], instead: Callable[[re.Match[str]], str]) -> str:
    for match in reversed(found):
        text = text[: match.start()] + instead(match) + text[match.end() :]
    return text


def _excerpts(text: str, found: list[re.Match[str]], context: Context) -> str:
    return excerpts(text, [match.span() for match in found], context.say)
