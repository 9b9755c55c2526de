"""What a check needs and what it says: Context, and Finding with its place and its fix."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from embedai_nb.catalogue import Earlier
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.text.locations import Location
from embedai_nb.text.paths import Path, replaced_at
from embedai_nb.wechat.budget import Budget

Severity = Literal["error", "warning", "note"]
"""error: a reader would meet a broken thing, so it isn't published; warning: probably a slip; note: worth knowing."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fix(_Value):
    """A value that cures a finding.

    It holds the whole new value, so it fits only the issue that was checked: after one fix, check again.
    """

    path: Path
    value: JsonValue
    description: str
    safe: bool = Field(False, description="it only writes better what is there")

    def applied(self, issue: Issue) -> Issue:
        """The issue with this fix."""
        return Issue.model_validate(replaced_at(issue.model_dump(mode="json"), self.path, self.value))


class Finding(_Value):
    """One thing that a rule found."""

    rule: str
    severity: Severity
    message: str
    place: Location
    line: int | None = Field(None, description="in the draft")
    fix: Fix | None = None


class Replacement(NamedTuple):
    """What a rule would write, and where."""

    path: Path
    value: JsonValue


class Spot(NamedTuple):
    """What a rule yields: where it found something, what its message needs to know, and what would cure it."""

    path: Path
    values: Mapping[str, object] = {}
    change: Replacement | None = None


class LinkStatus(NamedTuple):
    """What became of a link.

    A page that is gone is dead.  A site that refuses programs (403, 429), or cannot be reached from here, says nothing
    about what a reader will find: that is unknown.
    """

    state: Literal["ok", "dead", "unknown"]
    why: str
    date: datetime.date


@dataclass(frozen=True)
class Context:
    """What an issue doesn't know by itself.

    Args:
        newsletter: what its items need, its labels and words.
        dates: the issues there are; empty: not known.
        line: the line of the draft at which a path stands.
        reread: the issue as it is read back from the Markdown written from it.
        show: the text at a path as the page shows it; raises MarkupError where it cannot.
        earlier: what was about the same in earlier issues, the strongest reason first.
        reached: what became of a link, where somebody looked.
        weigh: what the issue costs as an article for WeChat; raises MarkupError where there can be none.
    """

    newsletter: Newsletter
    dates: tuple[datetime.date, ...] = ()
    line: Callable[[Path], int | None] = lambda _: None
    reread: Callable[[Issue], Issue] | None = None
    show: Callable[[Path, str], object] | None = None
    weigh: Callable[[Issue], Budget] | None = None
    earlier: Callable[[Item], list[Earlier]] | None = None
    reached: Callable[[str], LinkStatus | None] | None = None
