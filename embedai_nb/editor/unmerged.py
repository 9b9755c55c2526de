"""A draft that Git could not merge: both versions, who made them, and what the form shows of that."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedai_nb.diff.merge import Difference
from embedai_nb.drafts import with_issue
from embedai_nb.drafts.draft_merge import DraftMerge
from embedai_nb.drafts.merge_driver import read_version
from embedai_nb.editor import form_data
from embedai_nb.editor.messages import UNDER_WAY, WORDS
from embedai_nb.errors import DraftError
from embedai_nb.i18n import Translator
from embedai_nb.model import Issue
from embedai_nb.text.conflict_markers import find_conflicts, one_version
from embedai_nb.workspace import git
from embedai_nb.workspace.git import Author, Operation

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form

__all__ = ["UNMERGED_COMMANDS", "Unmerged", "find_unmerged", "merging_text", "under_way", "unmerged_data"]


@dataclass(frozen=True)
class Unmerged:
    """Git could not merge the draft, and nobody has chosen yet.

    Args:
        path: of the draft.
        content: the bytes on disk.
        merge: the two versions, and the one that both come from.
        operation: what Git is doing; ``None`` where it believes to be through, though the markers are there.
        authors: who made ours and theirs.
    """

    path: Path
    content: bytes
    merge: DraftMerge
    operation: Operation | None
    authors: tuple[Author | None, Author | None]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What there is to choose between."""
        return self.merge.differences

    def with_unsaved(self, saved: Issue, typed: Issue) -> Unmerged:
        """Take into ours what was typed into the version ``saved`` and could not be saved any more."""
        if typed == saved or saved != self.merge.ours.issue:
            return self
        return replace(self, merge=replace(self.merge, ours=with_issue(self.merge.ours, typed)))


def find_unmerged(path: Path, content: bytes | None) -> Unmerged | None:
    """Find the two versions of a draft: in Git's index, else between the markers of the file.

    Returns:
        ``None`` where there is no conflict, somebody has resolved it by hand, or a version is no draft.
    """
    if content is None:
        return None
    with suppress(DraftError, UnicodeDecodeError):
        if versions := _versions(path, content):
            base, ours, theirs = (each and read_version(each, path) for each in versions)
            if ours and theirs:
                doing = git.operation(path)
                merge = DraftMerge(base or None, ours, theirs)
                return Unmerged(path, content, merge, doing, git.authors(path, doing))
    return None


def _versions(path: Path, content: bytes) -> tuple[bytes | None, bytes | None, bytes | None] | None:
    marked = b"<<<<<<<" in content and bool(find_conflicts(content.decode()))
    if (found := git.stages(path)) and found.ours and found.theirs:
        # Without markers, and unlike either side: somebody's own resolution, which is not staged yet.
        return found if marked or content in (found.ours, found.theirs) else None
    if not marked:
        return None
    sides = (one_version(content.decode(), version) for version in ("base", "ours", "theirs"))
    base, ours, theirs = (None if text is None else text.encode() for text in sides)
    return base, ours, theirs


def under_way(path: Path, content: bytes | None) -> Operation | None:
    """What Git is doing around a draft, so that no other version may take its place; ``None`` where it is doing nothing."""
    doing = git.operation(path)
    marked = bool(find_conflicts((content or b"").decode("utf-8", "replace")))
    return doing or ("merge" if marked else None)


# --- for the form ---------------------------------------------------------------------------------------------


def merging_text(operation: Operation | None, say: Translator) -> str:
    """Say why no other version may take the place of a draft; empty where one may."""
    return say(WORDS["broken-merging"], what=say(UNDER_WAY[operation].what)) if operation else ""


def unmerged_data(found: Unmerged, say: Translator) -> dict[str, Any]:
    """What the form shows: who made which version, what to choose, and what is kept of both in any case."""
    _, ours, theirs = contents = found.merge.contents
    known = [{entry.key for entry in content.entries()} for content in contents]
    return {
        "kind": "unmerged",
        "what": say(WORDS["unmerged-what"], what=say(UNDER_WAY[found.operation or "merge"].what)),
        "ours": _name(found.authors[0], "ours", say),
        "theirs": _name(found.authors[1], "theirs", say),
        "stages": found.operation is not None,
        "differences": [form_data.difference(each, ours, theirs, say=say) for each in found.differences],
        "added": {
            side: [form_data.where(content, entry.key, say) for entry in content.entries() if entry.key in added]
            for side, content, added in (
                ("ours", ours, known[1] - known[0] - known[2]),
                ("theirs", theirs, known[2] - known[0] - known[1]),
            )
        },
    }


def _name(author: Author | None, side: str, say: Translator) -> str:
    if author is None:
        return say(WORDS[side])
    return say(WORDS["bracketed"], name=author.name, detail=author.subject) if author.subject else author.name


def _resolve(form: Form, choices: dict[str, Any], *, stage: bool) -> None:
    """Write what was chosen, stage it if asked, and say how to go on."""
    found = form.session.trouble
    if not isinstance(found, Unmerged):
        return
    form.session.resolve_unmerged(choices, stage=stage)
    following = UNDER_WAY[found.operation or "merge"].following
    word = "unmerged-staged" if stage else "unmerged-written"
    form.notify(form.session.say(WORDS[word], next=following, path=found.path.name))


UNMERGED_COMMANDS = {"resolve_unmerged": _resolve}
