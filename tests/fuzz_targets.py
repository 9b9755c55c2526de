"""What is fuzzed: functions that take any bytes, and may refuse them, but fail in no other way than they promise."""

from __future__ import annotations

import datetime
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from embedai_nb.capture import Fetcher, FetchError, enrich
from embedai_nb.capture.atom import first_entry
from embedai_nb.capture.page_reader import anchors, read_page
from embedai_nb.capture.response_cache import Response
from embedai_nb.catalogue import Catalogue
from embedai_nb.drafts import DraftStore, load_newsletter
from embedai_nb.drafts.fields import parse_newsletter
from embedai_nb.drafts.store import parse_draft, with_issue
from embedai_nb.drafts.yaml_reader import decode
from embedai_nb.drafts.yaml_reader import read as read_yaml
from embedai_nb.errors import EmbedAIError
from embedai_nb.markdown import read
from embedai_nb.model import Issue, Item, Newsletter, Section

from .conftest import DATA, PROJECT

DAY = datetime.date(2031, 5, 4)
CORPORA = DATA / "fuzz"


@cache
def newsletter() -> Newsletter:
    return load_newsletter(PROJECT / "issues" / "newsletter.yaml")


def reader(data: bytes) -> None:
    """Archive Markdown: any text is an issue, or refused."""
    with suppress(EmbedAIError):
        read(data.decode("utf-8", "replace"), newsletter(), date=DAY)


def _check_line(error: EmbedAIError, name: str) -> None:
    said = str(error)
    assert said.startswith(name), said
    assert "\n" not in said
    assert len(said) < 2000


def draft(data: bytes) -> None:
    """A draft is refused in one line that names its file; or read, and a change to it is what is then read."""
    try:
        found = parse_draft(data, Path("2031-05-04.yaml"), DAY)
    except EmbedAIError as error:
        _check_line(error, "2031-05-04.yaml")
        return
    changed = found.issue.model_copy(update={"headline": (*found.issue.headline, "改过: #")})
    with suppress(EmbedAIError):  # a name of a field that grew too long to be written
        assert with_issue(found, changed).issue == changed


def newsletter_file(data: bytes) -> None:
    """newsletter.yaml is read, or refused in one line."""
    path = Path("newsletter.yaml")
    try:
        parse_newsletter(read_yaml(decode(data, path), path))
    except EmbedAIError as error:
        _check_line(error, "newsletter.yaml")


def page(data: bytes) -> None:
    """A page has parts, or none."""
    text = Response("https://site.test/", data).text
    found = read_page(text, "title", "h1", "#a", ".b")
    assert all(found.metas.values())
    assert all(found.texts.values())
    anchors(text)


def feed(data: bytes) -> None:
    """A feed has an entry, or none, or is refused."""
    with suppress(ValueError):
        first_entry(data.decode("utf-8", "replace"))


def captured(item: Item) -> Callable[[bytes], None]:
    """Capture an item whose site answers anything: it stays an item."""

    def target(data: bytes) -> None:
        found = enrich(item, newsletter=newsletter(), fetcher=_Answering(data))
        assert found.item is not None
        assert "答复处理不了" not in found.item.note
        Issue(date=DAY, sections=(Section(name="x", items=(found.item,)),))

    return target


class _Answering(Fetcher):
    """Gives one answer to all requests."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body

    def get(self, url: str) -> Response:
        if not self.body:
            raise FetchError("unreachable", "site.test")
        return Response(url, self.body)


@cache
def built() -> tuple[Path, bytes]:
    """An issues folder, and the bytes of its catalogue."""
    folder = Path(tempfile.mkdtemp())
    (folder / "newsletter.yaml").write_text("name: x\n", "utf-8")
    items = tuple(Item(title=f"芯片 {n}", url=f"https://example.com/{n}") for n in range(20))
    DraftStore(folder).create(DAY, Issue(date=DAY, sections=(Section(name="论文", items=items),)))
    with Catalogue(folder, Newsletter(name="x")):
        pass
    path = folder / ".cache" / "catalogue.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return folder, path.read_bytes()


def catalogue(data: bytes) -> None:
    """A damaged catalogue is built again: each three bytes are a place and what stands there."""
    folder, whole = built()
    damaged = bytearray(whole)
    for n in range(0, len(data) - 2, 3):
        place = int.from_bytes(data[n : n + 2], "big") * len(damaged) >> 16
        damaged[place : place + 16] = bytes([data[n + 2]]) * len(damaged[place : place + 16])
    for ending in ("-wal", "-shm"):
        (folder / ".cache" / f"catalogue.sqlite{ending}").unlink(missing_ok=True)
    (folder / ".cache" / "catalogue.sqlite").write_bytes(damaged)
    with Catalogue(folder, Newsletter(name="x")) as opened:
        opened.search("芯片")
        opened.seen_before(Item(title="芯片 3"), datetime.date(2031, 6, 1))


def query(data: bytes) -> None:
    """Any words can be searched for."""
    folder, _ = built()
    with Catalogue(folder, Newsletter(name="x")) as opened:
        opened.search(data.decode("utf-8", "replace"))


class Target(NamedTuple):
    """A function, and the folder of what it is given to begin with, changed at some places."""

    run: Callable[[bytes], None]
    corpus: str
    words: tuple[bytes, ...] = ()

    @property
    def strategy(self) -> st.SearchStrategy[bytes]:
        """Bytes near those of the corpus, and any others."""
        known = [path.read_bytes() for path in sorted((CORPORA / self.corpus).glob("*"))] if self.corpus else []
        assert known or not self.corpus, self.corpus
        anything = st.one_of(st.binary(max_size=60), st.text(max_size=40).map(_encoded))
        return st.one_of(changed(known, self.words), anything) if known else anything


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def changed(draw: Any, known: list[bytes], words: tuple[bytes, ...]) -> bytes:
    """One of these texts with pieces removed, doubled, or put in between."""
    data = draw(st.sampled_from(known))
    inserted = st.one_of(st.sampled_from(words or (b"\0",)), st.binary(max_size=4), st.text(max_size=4).map(_encoded))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(["remove", "double", "insert"]))
        middle = {
            "remove": b"",
            "double": data[start:end] * draw(st.sampled_from([2, 3, 50])),
            "insert": draw(inserted),
        }
        data = data[:start] + middle[piece] + data[end if piece != "insert" else start :]
    return data[:50_000]


MARKDOWN = tuple(
    b"# |- |  |> |``` |<!-- |[ | | |](|{{ |{% raw %}|<details>|\\|**|&#|\r|\t|  \n|---\n|2031-05-05".split(b"|")
)
YAML = tuple(b": |- |? |{|[|}|]|&a |*a|!!x |'|\"|\\|#|>|--- |%YAML|\r\n|\t|999999999999|~|\xef\xbb\xbf".split(b"|"))
HTML = tuple(b"<|>|</|<!--|-->|=\"|='|&#|&#x|<title>|</title>|<script>|<meta |\0|<svg>|/>|<!|<?".split(b"|"))
XML = tuple(b"<|>|</|<![CDATA[|]]>|&amp;|<!DOCTYPE x [|encoding='x'|<entry>|</entry>|xmlns:a=''|\0".split(b"|"))
JSON = tuple(b'{|}|[|]|,|:|"|\\ud800|1e999|-|99999999999999999999|null|true|NaN'.split(b"|"))

TARGETS: Mapping[str, Target] = {
    "reader": Target(reader, "reader", MARKDOWN),
    "draft": Target(draft, "draft", YAML),
    "newsletter": Target(newsletter_file, "newsletter", YAML),
    "page": Target(page, "page", HTML),
    "feed": Target(feed, "feed", XML),
    "capture-page": Target(captured(Item(url="https://site.test/")), "page", HTML),
    "capture-article": Target(captured(Item(url="https://mp.weixin.qq.com/s/abc")), "article", HTML),
    "capture-paper": Target(captured(Item(tags=("2101.00001",))), "feed", XML),
    "capture-repository": Target(captured(Item(repo="octo/x")), "answer", JSON),
    "catalogue": Target(catalogue, ""),
    "query": Target(query, "query"),
}
