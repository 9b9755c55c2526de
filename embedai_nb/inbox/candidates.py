"""Make candidates of what sources said: one for each story, as capture makes items, in the order of the newsletter's taste."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from embedai_nb.capture import enrich
from embedai_nb.capture.metadata import plain_line, title_markdown
from embedai_nb.capture.url_cleaning import host
from embedai_nb.catalogue import Catalogue, Earlier
from embedai_nb.catalogue.similar_titles import shingles, similar
from embedai_nb.inbox.decisions import Decision
from embedai_nb.inbox.feed_reader import SourceEntry
from embedai_nb.inbox.kept_entries import KeptEntries, KeptSource
from embedai_nb.inbox.ranking import Offer, Reason, Taste
from embedai_nb.model import InboxSource, Item, Newsletter
from embedai_nb.text.folding import fold
from embedai_nb.text.sentences import first_sentence
from embedai_nb.text.urls import arxiv_id, canonical

__all__ = ["Candidate", "Mention", "find_candidates"]

SAME_PAGE = {"url", "paper", "repository"}
"""Reasons for which a candidate counts as seen: the very page, paper or repository was in an earlier issue."""
LEAST = 6
"""Letters of a title that tells a story from others."""
ANYBODYS = "mp.weixin.qq.com"
"""A host where many publish, so that the same title there may be the same story again."""
RECENT = datetime.timedelta(days=60)
"""How long a story is recognised by its title after it was decided about; after that only by its address."""


@dataclass(frozen=True)
class Mention:
    """A story in one source.

    Args:
        source: who published it.
        url: its page.
        item: what capture makes of it without asking the page.
        title: its title, after the name of its repository.
        section: where it belongs.
        entry: as the source has it.
        date: when it was published, or first seen where that isn't said or lies in the future.
    """

    source: str
    url: str
    item: Item
    title: str
    section: str
    entry: SourceEntry
    date: datetime.date


@dataclass(frozen=True)
class Candidate:
    """A story that may become an item of the next issue.

    Args:
        mentions: where it was found, the source that newsletter.yaml names first before the others.
        earlier: items of issues that were about the same, or are.
        score: the greater, the more like what was taken before.
        reasons: for the score.
    """

    mentions: tuple[Mention, ...]
    earlier: tuple[Earlier, ...] = ()
    score: float = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def item(self) -> Item:
        """The item that it would become."""
        return self.mentions[0].item

    @property
    def section(self) -> str:
        """The section where it belongs."""
        return self.mentions[0].section

    @property
    def title(self) -> str:
        """Its title, after the name of its repository; its address if it has neither."""
        return self.mentions[0].title or self.mentions[0].url

    @property
    def date(self) -> datetime.date:
        """When it was first published."""
        return min(mention.date for mention in self.mentions)

    @property
    def excerpt(self) -> str:
        """The beginning of what a source says of it."""
        return next((text for each in self.mentions if (text := plain_line(each.entry.text, 300))), "")

    @property
    def suggestion(self) -> str:
        """One sentence of the page's own description; empty if it has none."""
        return first_sentence(self.excerpt, 120)

    @property
    def seen(self) -> bool:
        """Whether its very page, paper or repository is in an issue."""
        return any(each.reason in SAME_PAGE for each in self.earlier)

    @property
    def keys(self) -> tuple[str, ...]:
        """The canonical addresses by which it is recognised."""
        return tuple(dict.fromkeys(key for mention in self.mentions for key in _keys(mention)))

    @property
    def id(self) -> str:
        """A short name, the same while its first mention is."""
        return hashlib.blake2b(self.keys[0].encode("utf-8", "replace"), digest_size=6).hexdigest()


def _keys(mention: Mention) -> Iterator[str]:
    yield canonical(mention.url)
    if mention.item.url:
        yield canonical(mention.item.url)
    yield from (canonical(f"https://arxiv.org/abs/{paper}") for paper in map(arxiv_id, mention.item.tags) if paper)


def find_candidates(
    kept: KeptEntries,
    newsletter: Newsletter,
    decisions: Mapping[str, Decision],
    catalogue: Catalogue,
    today: datetime.date,
) -> list[Candidate]:
    """The candidates that nobody has decided about, the most fitting first; those that were in an issue last.

    Args:
        kept: what the sources said.
        newsletter: its sections; its sources may name other words than when they were fetched.
        decisions: by canonical address.
        catalogue: of the issues.
        today: decides how long stories are recognised by their titles.
    """
    sources = list(kept.sources.values())
    mentions = [each for source in sources for each in _mentions(source, newsletter)]
    stories = [each for each in _stories(mentions) if not decisions.keys() & set(each.keys)]
    stories = list(_undecided(stories, decisions, today))
    earlier = catalogue.seen_before_all([each.item for each in stories], datetime.date.max)
    judged = Taste(catalogue.latest_items()).judge([_offer(each) for each in stories])
    found = [
        replace(story, earlier=tuple(before), score=judgement.score, reasons=judgement.reasons)
        for story, before, judgement in zip(stories, earlier, judged, strict=True)
    ]
    return sorted(found, key=lambda each: (each.seen, -each.score, -each.date.toordinal(), each.keys))


def _offer(candidate: Candidate) -> Offer:
    first = candidate.mentions[0]
    authors = tuple(name for name in first.entry.authors if len(name) > 3 and name != first.source)
    return Offer(candidate.title, "", first.source, first.url, candidate.section, authors)


# --- from entries to stories ----------------------------------------------------------------------------------


def _mentions(kept: KeptSource, newsletter: Newsletter) -> Iterator[Mention]:
    linked = Counter(paper for entry, _ in kept.entries for paper in entry.papers)
    for entry, first_seen in kept.entries:
        if not _wanted(entry, kept.source):
            continue
        source = kept.source.source or plain_line(kept.title, 60) or host(entry.url)
        named = "" if kept.source.kind in {"arxiv", "topic"} and not kept.source.source else source
        item = _item(entry, named, linked)
        captured = enrich(item, newsletter=newsletter, fetcher=None, section=kept.source.section or None)
        if captured.item is not None and captured.item.url:
            date = min(_date(entry.date) or first_seen, first_seen)
            title = newsletter.marks.colon.join(filter(None, (captured.item.repo, captured.item.title)))
            yield Mention(source, entry.url, captured.item, title, captured.section, entry, date)


def _wanted(entry: SourceEntry, source: InboxSource) -> bool:
    text = fold(f"{entry.title}\n{entry.text}")
    any_of = not source.must or any(fold(word) in text for word in source.must)
    return any_of and not any(fold(word) in text for word in source.must_not)


def _item(entry: SourceEntry, source: str, linked: Mapping[str, int]) -> Item:
    """The item of an entry; an article that links to one paper, which others of its feed don't, is about it."""
    title = title_markdown(entry.title or first_sentence(plain_line(entry.text)))
    tags = entry.papers if len(entry.papers) == 1 and linked[entry.papers[0]] == 1 else ()
    return Item(title=title, source=title_markdown(source), url=entry.url, tags=tags)


def _date(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _stories(mentions: Sequence[Mention]) -> list[Candidate]:
    """Join mentions of one page, or with similar titles in different sources; the first mention stays the first."""
    parents = list(range(len(mentions)))

    def root(n: int) -> int:
        while parents[n] != n:
            parents[n] = n = parents[parents[n]]
        return n

    for one, other in _same(mentions):
        first, second = sorted((root(one), root(other)))
        parents[second] = first
    groups = defaultdict[int, list[Mention]](list)
    for n, mention in enumerate(mentions):
        groups[root(n)].append(mention)
    return [Candidate(tuple({each.url: each for each in reversed(group)}.values())[::-1]) for group in groups.values()]


def _same(mentions: Sequence[Mention]) -> Iterator[tuple[int, int]]:
    """Pairs of mentions that are about the same."""
    first_with = dict[str, int]()
    for n, mention in enumerate(mentions):
        for key in _keys(mention):
            yield first_with.setdefault(key, n), n
    titles = [_telling(mention.title) for mention in mentions]
    for n, others in enumerate(_with_common_shingles(titles)):
        near = [other for other in others if mentions[other].source != mentions[n].source]
        yield from ((near[at], n) for at, _ in similar(titles[n], [titles[other] for other in near]))


def _telling(title: str) -> str:
    """A title by which a story can be recognised elsewhere; empty where it says too little: v1.2, 周报."""
    return title if len(re.sub(r"[\W\d_]+", "", title)) >= LEAST else ""


def _with_common_shingles(titles: Sequence[str]) -> Iterator[list[int]]:
    """For each title the earlier ones that share a piece of it, as similar ones do."""
    known = defaultdict[int, list[int]](list)
    for n, title in enumerate(titles):
        pieces = shingles(title)
        yield sorted({other for piece in pieces for other in known[piece]})
        for piece in pieces:
            known[piece].append(n)


def _undecided(
    stories: Iterable[Candidate], decisions: Mapping[str, Decision], today: datetime.date
) -> Iterator[Candidate]:
    """Those whose titles are not like one that was lately decided about: the same story from another site.

    From the same site it is another story; a column may have one title every week.
    """
    recent = [(host(key), _telling(each.title)) for key, each in decisions.items() if today - each.date <= RECENT]
    known = defaultdict[int, list[int]](list)
    for n, (_, title) in enumerate(recent):
        for piece in shingles(title):
            known[piece].append(n)
    for story in stories:
        title, own = _telling(story.title), {host(mention.url) for mention in story.mentions} - {ANYBODYS}
        near = {n for piece in shingles(title) for n in known.get(piece, ()) if recent[n][0] not in own}
        if not similar(title, [recent[n][1] for n in sorted(near)]):
            yield story
