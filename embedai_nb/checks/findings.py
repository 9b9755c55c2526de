"""The types of checking: the Context that rules get, RuleMatch that they yield, Finding with its Fix."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from embedai_nb.catalogue import Earlier
from embedai_nb.checks.severity import Severity
from embedai_nb.i18n import Translator, translator
from embedai_nb.model import Issue, Item, Newsletter
from embedai_nb.text.locations import Location
from embedai_nb.text.paths import Path, replaced_at
from embedai_nb.wechat.budget import Budget


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fix(_Value):
    """A new value that cures a finding.

    It replaces the whole value, so it fits only the issue that was checked: check again after each fix.
    """

    path: Path
    value: JsonValue
    description: str
    safe: bool = Field(False, description="it needs no decision of an editor")

    def applied(self, issue: Issue) -> Issue:
        """The issue with this fix applied."""
        return Issue.model_validate(replaced_at(issue.model_dump(mode="json"), self.path, self.value))


class Finding(_Value):
    """A problem found by a rule, with its severity, message and location."""

    rule: str
    severity: Severity
    message: str
    place: Location
    line: int | None = Field(None, description="in the draft")
    fix: Fix | None = None
    plugin: str = Field("", exclude_if=lambda name: not name, description="that brings the rule")


class Replacement(NamedTuple):
    """The value that a rule suggests for a path."""

    path: Path
    value: JsonValue


class RuleMatch(NamedTuple):
    """What a rule yields: a path, values for its message, and a replacement that would cure it."""

    path: Path
    values: Mapping[str, object] = {}
    change: Replacement | None = None


class LinkStatus(NamedTuple):
    """The result of requesting a link.

    Dead: the page is gone.  Unknown: the site refuses programs (403, 429) or cannot be reached from here, which says
    nothing about what a reader will get.  No fragment: the page is there, without the part that the link names.
    """

    state: Literal["ok", "dead", "unknown", "no-fragment"]
    reason: str
    date: datetime.date


@dataclass(frozen=True)
class Context:
    """What rules need besides the issue.

    Args:
        newsletter: its sections with what their items need, labels and words.
        dates: of all issues; empty if unknown.
        line: the line of a path in the draft.
        complete: fills in what the program writes, as the issue is published.
        round_trip: writes an issue as Markdown and reads it back.
        render: renders the text at a path as the page does; raises MarkupError if it cannot.
        seen_before: earlier items about the same as an item, the strongest reason first.
        link_status: the status of a URL, if it was checked.
        wechat_budget: size of the issue as an article for WeChat; raises MarkupError if it cannot be rendered.
    """

    newsletter: Newsletter
    dates: tuple[datetime.date, ...] = ()
    line: Callable[[Path], int | None] = lambda _: None
    complete: Callable[[Issue], Issue] | None = None
    round_trip: Callable[[Issue], Issue] | None = None
    render: Callable[[Path, str], object] | None = None
    wechat_budget: Callable[[Issue], Budget] | None = None
    seen_before: Callable[[Item], list[Earlier]] | None = None
    link_status: Callable[[str], LinkStatus | None] | None = None

    @property
    def say(self) -> Translator:
        """Says messages in the newsletter's language."""
        return translator(self.newsletter.language)
