"""Merge random pairs of branches of a draft, and count what a newsletter must not lose.

    python -m benchmarks.branches [--pairs 300 200] [--edits 3 6] [--seed 1]

Each pair begins at the same issue; each side edits titles, summaries, addresses and tags, adds, deletes and moves items,
writes warm-ups and the lead.  Every text that is written is new, so that it is known whose it is.  What is counted:

- conflicts of Git's own merge, line by line (git merge-file);
- of the merge driver, those among them of which the form would have asked nothing, and those around the whole file;
- items lost: kept by both sides, or added by one, and not in the result;
- items twice;
- items mixed: with a field that no version of this item has;
- comments lost that one side wrote by hand above an item that both keep.
"""

from __future__ import annotations

import argparse
import datetime
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from embedai_nb.drafts.draft_merge import DraftMerge
from embedai_nb.drafts.store import Draft, parse_draft, with_issue
from embedai_nb.model import Issue, Item, Section, Warmup
from embedai_nb.text.conflict_markers import one_version
from embedai_nb.text.paths import entries

SAMPLE = Path(__file__).parents[1] / "issues" / "drafts" / "2021-07-18.yaml"
DAY = datetime.date(2021, 7, 18)

MARK = "〔{}〕"
"""The name of an item, in its note, by which it is recognized whatever is edited; the program does not look at it."""


class Author:
    """Edits an issue at random; every text is new."""

    def __init__(self, side: str, chance: random.Random) -> None:
        self.side, self.chance, self.count = side, chance, 0

    def text(self) -> str:
        """A text that nobody else writes."""
        self.count += 1
        return f"{self.side}{self.count}写的第{self.chance.randrange(10**6)}句"

    def edited(self, issue: Issue, edits: int) -> Issue:
        """Edit so many times."""
        for _ in range(edits):
            issue = self.chance.choice(EDITS)(self, issue)
        return issue

    def at(self, issue: Issue) -> tuple[int, int]:
        """Choose an item."""
        return self.chance.choice(
            [(n, i) for n, section in enumerate(issue.sections) for i in range(len(section.items))]
        )


def with_items(issue: Issue, number: int, items: Sequence[object]) -> Issue:
    """The issue with other items in a section."""
    section = issue.sections[number].model_copy(update={"items": tuple(items)})
    return issue.model_copy(update={"sections": (*issue.sections[:number], section, *issue.sections[number + 1 :])})


def change(author: Author, issue: Issue, update: Callable[[Item], dict[str, object]]) -> Issue:
    """Change an item."""
    number, index = author.at(issue)
    items = list(issue.sections[number].items)
    item = items[index]
    assert isinstance(item, Item)
    items[index] = item.model_copy(update=update(item))
    return with_items(issue, number, items)


def title(author: Author, issue: Issue) -> Issue:
    """Write another title."""
    return change(author, issue, lambda item: {"title": f"{item.title[:12]}，{author.text()}"})


def summary(author: Author, issue: Issue) -> Issue:
    """Add a sentence to the summary."""
    return change(author, issue, lambda item: {"fields": {k: f"{v}\n{author.text()}" for k, v in item.fields.items()}})


def url(author: Author, issue: Issue) -> Issue:
    """Give another address."""
    return change(
        author, issue, lambda _: {"url": f"https://example.org/{author.side}/{author.chance.randrange(10**9)}"}
    )


def tags(author: Author, issue: Issue) -> Issue:
    """Add a tag."""
    return change(author, issue, lambda item: {"tags": (*item.tags, author.text())})


def add(author: Author, issue: Issue) -> Issue:
    """Add an item somewhere."""
    number, index = author.at(issue)
    address = f"https://example.org/new/{author.side}/{author.chance.randrange(10**9)}"
    name = MARK.format(author.text())
    new = Item(title=author.text(), url=address, fields={"摘要": author.text()}, note=name)
    items = list(issue.sections[number].items)
    return with_items(issue, number, [*items[:index], new, *items[index:]])


def delete(author: Author, issue: Issue) -> Issue:
    """Delete an item."""
    number, index = author.at(issue)
    return with_items(issue, number, [item for n, item in enumerate(issue.sections[number].items) if n != index])


def move(author: Author, issue: Issue) -> Issue:
    """Move an item, perhaps into another section."""
    number, index = author.at(issue)
    item = issue.sections[number].items[index]
    without = with_items(issue, number, [each for each in issue.sections[number].items if each is not item])
    target = author.chance.randrange(len(issue.sections))
    items = list(without.sections[target].items)
    items.insert(author.chance.randint(0, len(items)), item)
    return with_items(without, target, items)


def warmup(author: Author, issue: Issue) -> Issue:
    """Write a warm-up, add or delete one."""
    warmups = list(issue.warmups)
    at = author.chance.randrange(len(warmups))
    match author.chance.randrange(3):
        case 0:
            warmups[at] = warmups[at].model_copy(update={"text": author.text()})
        case 1:
            warmups.insert(at, Warmup(company=author.text(), text=author.text()))
        case _:
            del warmups[at]
    return issue.model_copy(update={"warmups": tuple(warmups)})


def lead(author: Author, issue: Issue) -> Issue:
    """Write the lead."""
    return issue.model_copy(update={"lead": author.text()})


EDITS = (title, summary, url, tags, add, delete, move, warmup, lead)


# --- what came of it ------------------------------------------------------------------------------------------


def named(issue: Issue) -> dict[str, list[Item]]:
    """The items by their names."""
    found: dict[str, list[Item]] = {}
    for item in issue.entries:
        found.setdefault(item.note, []).append(item)
    return found


def fields(item: Item) -> set[tuple[str, object]]:
    """The fields of an item, as values to look up."""
    plain = {name: value for name, value in item if name not in ("fields", "waived")}
    return {*plain.items(), *((f"fields.{label}", text) for label, text in item.fields.items())}


def faults(base: Issue, ours: Issue, theirs: Issue, results: Iterable[Issue]) -> Counter[str]:
    """Count what went wrong; ``results``: the merge, with either side of each conflict that is left."""
    sides = [named(each) for each in (base, ours, theirs)]
    counted: Counter[str] = Counter()
    results = [named(result) for result in results]
    for name in {*sides[1], *sides[2]}:
        versions = [side[name][0] for side in sides if name in side]
        wanted = (name in sides[1] and name in sides[2]) or name not in sides[0]
        known = set().union(*(fields(version) for version in versions))
        counted["lost"] += wanted and not all(name in result for result in results)
        # One side deleted it and the other changed it: it has to be asked about, so in one of the two it is there.
        changed = not wanted and versions[0] != versions[-1]
        counted["lost"] += changed and not any(name in result for result in results)
        counted["twice"] += any(len(result.get(name, ())) > 1 for result in results)
        counted["mixed"] += any(fields(item) - known for result in results for item in result.get(name, ()))
    return counted


def commented(draft: Draft, other: Draft, chance: random.Random, comment: str) -> Draft:
    """Write a comment above an item that the other side keeps, too."""
    names = {item.note for item in other.issue.entries}
    kept = [path for path, _, item in entries(draft.issue) if item.note in names]
    if not kept:
        return draft
    lines = draft.source.text.splitlines(keepends=True)
    at = draft.line(chance.choice(kept)) - 1
    margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return parse_draft("".join([*lines[:at], f"{margin}# {comment}\n", *lines[at:]]).encode(), draft.path, DAY)


def git_conflicts(folder: Path, base: Draft, ours: Draft, theirs: Draft) -> bool:
    """Whether Git's own merge leaves conflicts."""
    for name, draft in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(draft.bytes)
    command = ["git", "merge-file", "-p", "-q", "ours", "base", "theirs"]
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode != 0


def start() -> Draft:
    """The draft that both sides begin with: the sample issue, its items named."""
    draft = parse_draft(SAMPLE.read_bytes(), SAMPLE, DAY)
    numbers = iter(range(1000))
    sections = tuple(
        Section(
            name=section.name,
            items=tuple(item.model_copy(update={"note": MARK.format(next(numbers))}) for item in section.entries),
        )
        for section in draft.issue.sections
    )
    return with_issue(draft, draft.issue.model_copy(update={"sections": sections}))


def measure(pairs: int, edits: int, seed: int) -> Counter[str]:
    """Merge so many pairs of branches."""
    counted: Counter[str] = Counter()
    base = start()
    with tempfile.TemporaryDirectory() as folder:
        for pair in range(pairs):
            chance = random.Random(f"{seed} {edits} {pair}")
            ours, theirs = (with_issue(base, Author(side, chance).edited(base.issue, edits)) for side in "甲乙")
            ours, theirs = (
                commented(draft, other, chance, f"{side}手写的注释")
                for side, draft, other in (("甲", ours, theirs), ("乙", theirs, ours))
            )
            counted["git"] += git_conflicts(Path(folder), base, ours, theirs)
            begun = time.perf_counter()
            merge = DraftMerge(base, ours, theirs)
            marked = merge.marked()
            counted["microseconds"] += round(1e6 * (time.perf_counter() - begun))
            counted["driver"] += marked.conflicts > 0
            counted["questions"] += len(merge.questions)
            counted["unasked"] += (marked.conflicts > 0) != bool(merge.questions)
            counted["whole"] += marked.text.startswith("<")
            texts = [one_version(marked.text, "ours"), one_version(marked.text, "theirs")]
            results = [parse_draft(str(text).encode(), SAMPLE, DAY).issue for text in texts]
            counted["comments"] += sum(
                f"# {side}手写的注释" in draft.source.text
                and any(f"# {side}手写的注释" not in str(text) for text in texts)
                for side, draft in (("甲", ours), ("乙", theirs))
            )
            counted += faults(base.issue, ours.issue, theirs.issue, results)
    return counted


def main() -> None:
    """Print a line for each set of pairs."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--pairs", type=int, nargs="+", default=[300, 200])
    parser.add_argument("--edits", type=int, nargs="+", default=[3, 6])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for pairs, edits in zip(options.pairs, options.edits, strict=True):
        found = measure(pairs, edits, options.seed)
        print(
            f"{pairs} pairs of {edits} edits: conflicts: git {found['git']}, driver {found['driver']} "
            f"(questions {found['questions']}, not asked in the form {found['unasked']}, whole file {found['whole']}); "
            f"items lost {found['lost']}, twice {found['twice']}, mixed {found['mixed']}; comments lost {found['comments']}; "
            f"{found['microseconds'] / pairs / 1000:.0f} ms a merge"
        )


if __name__ == "__main__":
    main()
