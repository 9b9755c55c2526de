"""What an issue consists of: frozen values without I/O.

Texts are Markdown source.  A value is brought to the one form in which the archive format can say it when it
is made (``标题 | 来源`` typed into a title becomes title and source), so that reading what was written gives the
same value back.
"""

from __future__ import annotations

import datetime
import re
from string import Formatter
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from embedai_nb.i18n import N_, NN_, NP_, _, translator

__all__ = [
    "Contact",
    "EmailStyle",
    "InboxSource",
    "Issue",
    "Item",
    "LeadStyle",
    "Link",
    "Marks",
    "Newsletter",
    "Palette",
    "Raw",
    "Section",
    "SectionStyle",
    "Theme",
    "Warmup",
]

# --- texts ----------------------------------------------------------------------------------------------------

COMPANY = re.compile(
    r"(?P<company>[^：:，,；;。！？!?\[\]()（）]{1,30}?)\s*(?:：|:(?![\d/]))\s*(?P<text>.*)", re.DOTALL
)
REPO = re.compile(r"(?P<repo>[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+)\s*[：:]\s*(?P<title>.*)", re.DOTALL)
BAR = re.compile(r"(?:^|(?<=\s))[|｜丨](?=\s)")
BAR_AT_THE_END = re.compile(r"(?:^|(?<=\s))[|｜丨]$")
CLOSING_MARKS = "；;。"


def _line(text: str) -> str:
    if "\n" in text or "\r" in text:
        text = " ".join(filter(None, (part.strip() for part in re.split(r"[\r\n]+", text))))
    return text.strip()


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _prose(text: str) -> str:
    """Paragraphs: blank lines around them dropped, those between them made one."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(text))).strip("\n")


def _body(text: str) -> str:
    """As it was typed, every blank line and space, but for what ends a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def split_source(text: str) -> tuple[str, str] | None:
    """Title and source, divided at the last bar between spaces, or at one in the end."""
    bar = None
    for bar in BAR.finditer(text):  # noqa: B007  # the last one
        pass
    bar = bar or BAR_AT_THE_END.search(text)
    return (text[: bar.start()].rstrip(), text[bar.end() :].lstrip()) if bar else None


def balanced(text: str) -> bool:
    """Whether the square brackets of ``text`` match, escaped ones aside."""
    depth = 0
    for mark in re.findall(r"\\.|[\[\]]", text, re.DOTALL):
        depth += {"[": 1, "]": -1}.get(mark, 0)
        if depth < 0:
            return False
    return depth == 0


def _escaped(text: str) -> str:
    return re.sub(r"(\\.)|([\[\]])", lambda m: m[1] or f"\\{m[2]}", text, flags=re.DOTALL)


def _link_text(text: str) -> str:
    """Link text whose brackets match, or else are escaped, and whose end escapes none; it renders the same."""
    text = text if balanced(text) else _escaped(text)
    return text + "\\" if re.search(r"(?<!\\)(?:\\\\)*\\$", text) else text


def _url(text: str) -> str:
    """A link target as it can stand between parentheses: no white space, parentheses in pairs."""
    text = re.sub(r"\s", "%20", text.strip())
    depth = 0
    for mark in re.findall(r"[()]", text):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            break
    return text.replace("(", "%28").replace(")", "%29") if depth else text


def _template(*known: str) -> AfterValidator:
    """Accept text for `str.format` with these placeholders and no others; a doubled brace is a brace."""

    def remedy() -> str:
        return _("known: {known}; {{{{ and }}}} write braces", known=", ".join(f"{{{name}}}" for name in known))

    def checked(text: str) -> str:
        try:
            fields = [(name, conversion or spec) for _text, name, spec, conversion in Formatter().parse(text)]
        except ValueError as error:
            raise ValueError(_("a brace without its counterpart; {remedy}", remedy=remedy())) from error
        for name, more in fields:
            if name is not None and (name not in known or more):
                found = f"{{{name}}}" if name not in known else f"{{{name}…}}"
                raise ValueError(_("unknown placeholder {found}; {remedy}", found=found, remedy=remedy()))
        return text

    return AfterValidator(checked)


def _dated_url(text: str) -> str:
    """Accept an address with the placeholders of date and number and no other brace, which no address may contain."""
    if found := re.search(r"\{\w*\}?|\}", text.replace("{date}", "").replace("{number}", "")):
        raise ValueError(_("unknown placeholder {found}; known: {{date}}, {{number}}", found=found[0]))
    return text


def _page_name(text: str) -> str:
    """Accept a file name that tells issues apart."""
    if not re.fullmatch(r"[\w.-]+", re.sub(r"\{(?:date|number)\}", "0", text), re.ASCII) or "{" not in text:
        raise ValueError(
            _("letters, digits and hyphens around {{date}} or {{number}} expected, as in issue-{{number}}")
        )
    return text


def _number(value: object) -> object:
    """A number as such, however it was typed; with zeros before it, it is a text."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and re.fullmatch(r"0|[1-9]\d{0,8}", text, re.ASCII):
        return int(text)
    return None if text == "" else text


Line = Annotated[str, AfterValidator(_line)]
"""One line, no white space around it."""

IssueNumber = Annotated[int | Line | None, BeforeValidator(_number)]
"""What counts an issue: a number, or a text such as ``12a``."""

LinkText = Annotated[str, AfterValidator(_line), AfterValidator(_link_text)]
"""One line whose square brackets match."""

Prose = Annotated[str, AfterValidator(_prose)]
"""Paragraphs, separated by line ends or one blank line."""

Body = Annotated[str, AfterValidator(_body)]
"""Markdown of an item, in the dialect (markdown/dialect.py), as it was typed."""

Url = Annotated[str, AfterValidator(_url)]
"""A link target; empty where the brackets are there and the address is missing."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, data: object) -> object:
        """A key without a value is as good as none."""
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}
        return data


# --- the issue ------------------------------------------------------------------------------------------------


class Raw(_Value):
    """Markdown that the grammar does not know, kept where it stood."""

    raw: Prose


class Link(_Value):
    """A further link behind an item's head."""

    text: LinkText = ""
    url: Url = ""


class Warmup(_Value):
    """One line of news before the sections."""

    company: Line = Field("", description="who it is about; stands before the colon")
    text: Line = Field("", description="what happened, without closing mark")
    url: Url | None = Field(None, description="makes the whole line a link")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        text, values = data.get("text"), dict(data)
        if isinstance(text, str):
            text = text.strip()
            text = text.rstrip(CLOSING_MARKS).rstrip() if values.get("url") is None else _link_text(text)
            values["text"] = text
            if not values.get("company") and (found := COMPANY.fullmatch(text)):
                values |= {"company": found["company"], "text": found["text"]}
        return values


class Item(_Value):
    """A link with its source and what is said about it."""

    title: Line = ""
    source: Line = Field("", description="who published it; stands behind ` | `")
    url: Url | None = Field(None, description="absent: the head is no link at all; empty: `[title]()`")
    url_title: Line = Field("", description="what a browser shows over the link, where an old issue has that")
    tags: tuple[Line, ...] = Field((), description="arXiv id or venue, in brackets before the link")
    repo: Line | None = Field(None, description="owner/name of the repository, before the title")
    links: tuple[Link, ...] = Field((), description="further links behind the first")
    bar_escaped: bool = Field(
        False, description="that between title and source, where Jekyll would take the item for a table"
    )
    text: Body = Field("", description="what stands before the first label")
    fields: dict[Line, Body] = Field(default_factory=dict, description="labels and their text, in this order")
    hook: Line = Field("", description="half a sentence for the lead")
    note: Prose = Field("", description="for colleagues, never published")
    status: Literal["draft", "ready"] = "draft"
    waived: dict[Line, Line] = Field(default_factory=dict, description="rules that need not hold here, and why")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: object) -> object:
        """Put repository, title and source, in whichever field they were typed, where they belong."""
        if not isinstance(data, dict):
            return data
        values = dict(data)
        if isinstance(labels := values.get("fields"), dict):
            values["fields"] = {label: "" if text is None else text for label, text in labels.items()}
        if not isinstance(values.get("title"), str):
            return values
        title, source, url = _line(values["title"]), values.get("source") or "", values.get("url")
        if not isinstance(source, str) or (url is None and "](" in title):
            return values
        if not values.get("repo") and (found := REPO.fullmatch(title)):
            values["repo"], title = found["repo"], found["title"]
        joined = f"{title} | {_line(source)}" if _line(source) else title
        if divided := split_source(joined):
            title, source = divided
        if url is not None and not balanced(f"{title} {source}"):
            title, source = _escaped(title), _escaped(source)
        if url is not None:
            title, source = (title, _link_text(source)) if source else (_link_text(title), source)
        return values | {"title": title, "source": source}

    @property
    def structured(self) -> bool:
        """False where the head is kept as it stood because the grammar knows no such head."""
        return not (self.url is None and "](" in self.title)


class Section(_Value):
    """A heading and its items."""

    name: Line
    note: Prose | None = Field(None, description="quoted under the heading; absent: the newsletter's own")
    items: tuple[Item | Raw, ...] = ()

    @property
    def entries(self) -> tuple[Item, ...]:
        """The items without what was kept raw between them."""
        return tuple(item for item in self.items if isinstance(item, Item))


class Issue(_Value):
    """One number of the newsletter.

    A part that is absent (``None``) is filled in from newsletter.yaml or written by the program when the issue is
    published; an empty one stays out.  Where ``imported`` is true nothing is filled in: the issue is what it was.
    """

    date: datetime.date
    number: IssueNumber = Field(None, description="what counts the issue, for newsletters that number theirs")
    headline: tuple[Line, ...] = Field((), description="keywords of the title")
    imported: bool = Field(False, description="read from Markdown: the program writes nothing into it")
    unpublished: bool = Field(
        False, description="imported before it was published: errors are errors, as in a draft begun here"
    )
    front_matter: Prose | None = Field(None, description="what stands before the title")
    heading: Prose | None = Field(None, description="the title line up to the keywords, where it is an unusual one")
    tagline: Prose | None = None
    before: Prose = Field("", description="text between tagline and lead")
    lead: Prose | None = Field(None, description="empty: written from the items")
    intro: Prose | None = Field(None, description="the sentence before the warm-ups")
    warmups: tuple[Warmup | Raw, ...] = ()
    note: Prose | None = Field(None, description="quoted after the warm-ups")
    after: Prose = Field("", description="text between the note and the first section")
    sections: tuple[Section, ...] = ()
    closing: Prose | None = Field(None, description="back issues, contacts, licence; absent: written by the program")
    waived: dict[Line, Line] = Field(default_factory=dict, description="rules that need not hold here, and why")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, data: object) -> object:
        """Keywords stand between slashes, so a slash within one separates two."""
        if isinstance(data, dict) and isinstance(data.get("headline"), list | tuple):
            keywords = [k for kw in data["headline"] for k in (kw.split("/") if isinstance(kw, str) else [kw])]
            return data | {"headline": keywords}
        return data

    @property
    def entries(self) -> tuple[Item, ...]:
        """All items in their order."""
        return tuple(item for section in self.sections for item in section.entries)


# --- the newsletter -------------------------------------------------------------------------------------------


WORDS = {
    "lead_word": N_("In this issue"),
    "back_issues": N_("Back issues"),
    "summary_label": NP_("label of an item", "Summary"),
}
MARKS = {
    "colon": NP_("after a label", ": "),
    "item_end": NP_("after an item of a list", ";"),
    "list_end": NP_("after the last item of a list", "."),
}
LEAD = {
    "section": NP_("a section in the lead", "{name}: {hooks}"),
    "between_items": NP_("between items of the lead", ", "),
    "between_sections": NP_("between sections of the lead", "; "),
    "end": NP_("after the lead", "."),
}
LEAD_COUNT = NN_("{count} item. ", "{count} items. ")
"""What a newsletter says in its language where newsletter.yaml has no other words, or other punctuation."""


def _standing(language: str) -> dict[str, Any]:
    """The words and marks of a language, as newsletter.yaml would give them."""
    say = translator(language).template
    one, other = say(LEAD_COUNT, 1), say(LEAD_COUNT, 2)
    lead = {"count": other} | ({"count_one": one} if one != other else {})
    return {
        **{key: say(word) for key, word in WORDS.items()},
        "marks": {key: say(mark) for key, mark in MARKS.items()},
        "lead": lead | {key: say(word) for key, word in LEAD.items()},
    }


class Marks(_Value):
    """Punctuation that the format puts between its parts."""

    colon: str
    item_end: str
    list_end: str


class LeadStyle(_Value):
    """How the lead is written from the items."""

    count: Annotated[str, _template("count")] = Field(description="`{count}` becomes the number of items")
    count_one: Annotated[str, _template("count")] = Field(
        "", exclude_if=lambda text: not text, description="in place of `count` where there is one item"
    )
    section: Annotated[str, _template("name", "hooks")] = Field(
        description="`{name}`: short name, `{hooks}`: the items' hooks"
    )
    between_items: str
    between_sections: str
    end: str

    def counted(self, count: int) -> str:
        """Say how many items there are."""
        return ((count == 1 and self.count_one) or self.count).format(count=count)


class SectionStyle(_Value):
    """A section that every issue has, and what its items need."""

    name: Line = Field(description="its heading")
    short: Line = Field("", description="its name in the lead")
    note: Prose = Field("", description="quoted under its heading in every issue")
    needs: tuple[Literal["source", "tag", "repo", "summary"], ...] = Field(
        (), description="what each of its items must have, or is told to lack"
    )
    takes: tuple[Literal["paper", "repository", "article", "page"], ...] = Field(
        (), description="kinds of links that belong here when they are pasted"
    )


class Contact(_Value):
    """A line of the closing."""

    name: Line = Field(description="what it is: Mail, WeChat, …")
    value: Line = Field(description="Markdown; an address in it is a link")


def _filled(given: dict[str, Any], standing: dict[str, Any]) -> dict[str, Any]:
    """What is given, and the rest as it stands; who words a count words it for one, too."""
    given = {key: value for key, value in given.items() if value is not None}
    left = {key: value for key, value in standing.items() if key != "count_one" or "count" not in given}
    both = {
        key: _filled(given[key], left[key])
        for key in given.keys() & left
        if isinstance(given[key], dict) and isinstance(left[key], dict)
    }
    return left | given | both


def _mailbox(text: str) -> str:
    if text and not re.fullmatch(r"[^<>@]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+", text):
        raise ValueError(_("no address of mail; write it as news@example.org or Name <news@example.org>"))
    return text


def _unsubscribing(text: str) -> str:
    if text and not re.fullmatch(r"(?:https?://|mailto:)[^<>\s,]+", text):
        raise ValueError(_("no such address; write it as https://… or mailto:…"))
    return text


Mailbox = Annotated[Line, AfterValidator(_mailbox)]


class EmailStyle(_Value):
    """What stands in the header of messages; without it, whoever sends them adds it."""

    sender: Mailbox = Field("", description="From")
    to: Mailbox = Field("", description="To: the list that the messages go to")
    unsubscribe: Annotated[Line, AfterValidator(_unsubscribing)] = Field("", description="List-Unsubscribe (RFC 2369)")
    # Excluded from dumps, as no page of an issue changes with them.
    one_click: bool = Field(
        False, exclude=True, description="whether a POST to `unsubscribe` is enough to unsubscribe (RFC 8058)"
    )
    listmonk_lists: tuple[int, ...] = Field(
        (), exclude=True, description="numbers of the lists in listmonk that its campaigns are for"
    )

    @model_validator(mode="after")
    def _posts_over_tls(self) -> Self:
        if self.one_click and not self.unsubscribe.startswith("https://"):
            raise ValueError("one_click needs an https:// address in unsubscribe (RFC 8058, section 3.1)")
        return self


def _colour(text: str) -> str:
    if text and not re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", text):
        raise ValueError(_('no colour; write it as "#b5451b", in quotes'))
    return text


FONT_NAME = r"""(?:[\w][\w -]*|"[\w -]+"|'[\w -]+')"""


def _font(text: str) -> str:
    if text and not re.fullmatch(rf"{FONT_NAME}(?:\s*,\s*{FONT_NAME})*", text):
        raise ValueError(_("no names of fonts; write them as in: Georgia, 'Noto Serif SC', serif"))
    return text


def _file_name(text: str) -> str:
    if text and not re.fullmatch(r"\w[\w.-]*", text):
        raise ValueError(_("no name of a file; write it as logo.svg"))
    return text


Colour = Annotated[str, AfterValidator(lambda text: text.lower()), AfterValidator(_colour)]
"""A colour in hexadecimal digits, ``#b5451b``; empty: the usual one."""


class Palette(_Value):
    """Colours of the website, for light or for dark screens."""

    paper: Colour = Field("", description="behind the text")
    tint: Colour = Field("", description="behind what is set off: the lead, code, the newest issue")
    line: Colour = Field("", description="lines and borders")
    ink: Colour = Field("", description="the text")
    quiet: Colour = Field("", description="text that matters less: dates, sources, the footer")
    link: Colour = Field("", description="links")
    accent: Colour = Field("", description="labels, the line below headings, what has the focus")
    mark: Colour = Field("", description="behind what a search found")


class Theme(_Value):
    """What the website looks like; files for it lie in the folder theme beside newsletter.yaml."""

    light: Palette = Palette()
    dark: Palette = Palette()
    font: Annotated[Line, AfterValidator(_font)] = Field("", description="names of fonts, the wanted one first")
    logo: Annotated[Line, AfterValidator(_file_name)] = Field(
        "", description="picture in the folder theme; it stands beside the name, and is the icon"
    )
    footer: Prose = Field("", description="Markdown that stands at the end of every page of the website")
    cards: bool = Field(False, description="whether a picture is drawn of each issue, for links that are shared")


def _distribution(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text):
        raise ValueError(_("no name of a package; write it as pip knows it"))
    return text


BUILT_IN_COPIES = ("zhihu", "juejin", "csdn")
"""The names of `embedai_nb.communities.COPIES`, which takes longer to import than most commands."""

INBOX_KINDS = ("feed", "opml", "arxiv", "releases", "topic", "links")


class InboxSource(_Value):
    """A source of candidates for the next issue; one of its first six keys says what it is."""

    feed: Line = Field("", description="address of an RSS, Atom or JSON feed")
    opml: Line = Field("", description="file in the issues folder, or address, with an OPML list of feeds")
    arxiv: Line = Field("", description="query in the syntax of arXiv's API, as in `cat:cs.CV AND abs:quantization`")
    releases: Line = Field("", description="owner/name of a repository on GitHub")
    topic: Line = Field("", description="topic on GitHub, whose repositories are listed")
    links: Line = Field("", description="file or folder in the issues folder, with links as one notes them")
    section: Line = Field("", description="where its items belong; else the section that takes their kind")
    source: Line = Field("", description="who publishes it; else the feed's own title")
    must: tuple[Line, ...] = Field((), description="one of these words has to occur in title or text")
    must_not: tuple[Line, ...] = Field((), description="none of these words may occur there")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(bool(getattr(self, kind)) for kind in INBOX_KINDS) != 1:
            raise ValueError(_("exactly one of {kinds} is needed", kinds=", ".join(INBOX_KINDS)))
        return self

    @property
    def kind(self) -> str:
        """Which of the six it is."""
        return next(kind for kind in INBOX_KINDS if getattr(self, kind))

    @property
    def place(self) -> str:
        """The address, query, name or path that its kind needs."""
        return str(getattr(self, self.kind))


USUAL_TITLE = "{name} ({date})"


class Newsletter(_Value):
    """All that is particular to one newsletter (newsletter.yaml).

    Words and marks that are not given are those of its language.
    """

    name: Line = Field(description="what readers know it by")
    title: Annotated[str, _template("name", "date", "number")] = Field(
        USUAL_TITLE, description="of an issue: `{name}`, `{date}`, `{number}`; its keywords follow"
    )
    language: str = Field("zh-CN", description="BCP 47, the page's `lang`")
    tagline: Prose = Field("", description="a sentence under the title")
    front_matter: Prose = Field("", description="Jekyll's, above the title")
    lead_word: Line = Field(description="the word before the lead")
    intro: Prose = Field("", description="the sentence before the warm-ups")
    intro_words: tuple[str, ...] = Field((), description="a sentence with one of these is an intro too")
    note: Prose = Field("", description="quoted before the first section in every issue")
    back_issues: Line = Field(description="heading of the closing")
    back_issues_listed: int = Field(
        26, ge=1, description="so many at most; each takes 150 characters of WeChat's 20,000"
    )
    archive_url: Annotated[str, AfterValidator(_dated_url)] = Field(
        "", description="address of an issue; `{date}` becomes its date, `{number}` its number"
    )
    page_name: Annotated[str, _template("date", "number"), AfterValidator(_page_name)] = Field(
        "{date}", description="file name of an issue's page on the site, without its ending: `{date}`, `{number}`"
    )
    project_url: str = Field("", description="where the newsletter is made; the heading of the closing links to it")
    qr_code: str = Field("", description="address of the image")
    qr_code_text: str = Field("", description="what the image shows")
    contacts: tuple[Contact, ...] = Field((), description="lines at the end of an issue")
    licence: Prose = Field("", description="Markdown")
    summary_label: Line = Field(description="the label whose text is the summary")
    labels: tuple[Line, ...] = Field((), description="what may stand before a colon in an item")
    marks: Marks
    lead: LeadStyle
    sections: tuple[SectionStyle, ...] = Field((), description="what every issue has, in this order")
    images: Literal["link", "show"] = Field("link", description="whether pages show images or link to them")
    wechat: bool = Field(False, description="issues are articles for WeChat, too, and have to fit")
    checks: dict[Line, Literal["off", "error", "warning", "note"]] = Field(
        default_factory=dict, description="how much a rule matters here, where not as much as usual"
    )
    # Excluded from dumps: no issue changes with these, so none is out of date because of them.
    plugins: tuple[Annotated[Line, AfterValidator(_distribution)], ...] = Field(
        (), exclude=True, description="packages whose rules, capture sources and outputs are used"
    )  # `embedai_nb.publish.inputs` looks at the packages themselves
    copies: tuple[Line, ...] = Field(
        (),
        exclude=True,
        description="communities for which the form has a button that copies the issue",
        examples=[list(BUILT_IN_COPIES)],
    )
    wechat_author: Line = Field(
        "", max_length=16, exclude=True, description="who WeChat names as the author of its articles"
    )
    wechat_comments: Literal["none", "followers", "all"] = Field(
        "none", exclude=True, description="who may comment on them"
    )
    email: EmailStyle = Field(EmailStyle(), exclude=True)
    cell_memory: float = Field(
        2, gt=0, exclude=True, description="gigabytes of memory that a cell of the notebook may use"
    )
    site_url: str = Field("", exclude=True, description="where the website stands")
    theme: Theme = Field(default=Theme(), exclude=True, description="what the website looks like")
    inbox: tuple[InboxSource, ...] = Field(
        (), exclude=True, description="where candidates for the next issue come from"
    )

    @model_validator(mode="before")
    @classmethod
    def _in_its_language(cls, data: object) -> object:
        """Fill in the words and marks of the language."""
        if not isinstance(data, dict):
            return data
        language = data.get("language") or cls.model_fields["language"].default
        return _filled(data, _standing(language)) if isinstance(language, str) else data

    @model_validator(mode="after")
    def _copies_are_known(self) -> Self:
        """Refuse a misspelt copy, unless a plug-in may bring it."""
        for name in () if self.plugins else self.copies:
            if name not in BUILT_IN_COPIES:
                known = ", ".join(BUILT_IN_COPIES)
                raise ValueError(_("copies: {name} is not known; known: {known}", name=name, known=known))
        return self

    @model_validator(mode="after")
    def _one_style_a_section(self) -> Self:
        if self.numbered_addresses and "{number}" not in self.title:
            raise ValueError(
                _("addresses have {{number}}; the title needs it, too: readers of the archive find it there")
            )
        names = [style.name for style in self.sections]
        if len(set(names)) != len(names):
            raise ValueError(_("two sections have the same name"))
        for source in self.inbox:
            if source.section and source.section not in names:
                raise ValueError(
                    _("inbox: {place}: there is no section {section}", place=source.place, section=source.section)
                )
        return self

    @property
    def known_labels(self) -> tuple[str, ...]:
        """What may stand before a colon in an item: the labels, the summary's among them."""
        return tuple(dict.fromkeys((*self.labels, self.summary_label)))

    @property
    def numbered_addresses(self) -> bool:
        """Whether addresses of issues have their number in them."""
        return "{number}" in self.archive_url + self.page_name

    def issue_title(self, date: datetime.date, number: int | str | None) -> str:
        """How the title of an issue begins; without its number where it has none."""
        template = self.title if number is not None or "{number}" not in self.title else USUAL_TITLE
        return template.format(name=self.name, date=date, number=number)

    def issue_url(self, date: datetime.date, number: int | str | None) -> str:
        """Where an issue lies in the archive; empty where that isn't said, or needs a number that it hasn't."""
        if number is None and "{number}" in self.archive_url:
            return ""
        number = quote(str(number), safe="")
        return self.archive_url.replace("{date}", date.isoformat()).replace("{number}", number)

    def page_file(self, date: datetime.date, number: int | str | None) -> str:
        """File name of an issue's page on the site; that of its date where it needs a number that it hasn't."""
        if "{number}" in self.page_name and not re.fullmatch(
            r"[\w-]+", "" if number is None else str(number), re.ASCII
        ):
            return f"{date}.html"
        return f"{self.page_name.format(date=date, number=number)}.html"

    def style(self, name: str) -> SectionStyle:
        """What is known of the section of this name; nothing is needed in one that is not known."""
        return next((style for style in self.sections if style.name == name), SectionStyle(name=name))
