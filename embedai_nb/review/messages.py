"""The words of a review, to be said in the newsletter's language."""

from __future__ import annotations

from embedai_nb.i18n import N_, NN_, NP_, Plural
from embedai_nb.text.locations import FIELDS

__all__ = ["HEADING", "KINDS", "LINK_SIGNS", "LINK_STATES", "MARKS", "NAMES", "SAME", "VERDICTS", "WORDS"]

MARKS = {"blocked": "✗", "ready": "✓", "unchanged": "✓"}

VERDICTS: dict[str, str | Plural] = {
    "blocked": NN_("Cannot be published: {count} error", "Cannot be published: {count} errors"),
    "ready": N_("Can be published"),
    "unchanged": N_("Published, and unchanged since then"),
}
"""What is decided by, in one line."""

HEADING = NP_("in a review", "Item by item")

WORDS: dict[str, str | Plural] = {
    "obstacles": N_("To be mended first:"),
    "first": N_("first publication"),
    "changed": NN_("{count} change", "{count} changes"),
    "editor": NP_("who does it", "Editor"),
    "reviewer": NP_("who does it", "Reviewer"),
    "mend-errors": NN_("mend {count} error", "mend {count} errors"),
    "finish-items": NN_("finish {count} item ({names})", "finish {count} items ({names})"),
    "look-at-warnings": NN_("look at {count} warning", "look at {count} warnings"),
    "nothing-to-mend": N_("nothing to mend"),
    "read-changes": NN_("read {count} change", "read {count} changes"),
    "read-all": N_("read all of it"),
    "look-at-notes": NN_("{count} note may be looked at", "{count} notes may be looked at"),
    "items": NP_("in a review", "Items"),
    "items-value": NN_("{count} item ({sections})", "{count} items ({sections})"),
    "warmups-value": N_("warm-ups: {count}"),
    "length": NP_("in a review", "Length"),
    "length-value": NN_(
        "{count:,} word, {minutes} min to read",
        "{count:,} words, {minutes} min to read",
    ),
    "budget": NP_("in a review", "WeChat"),
    "budget-value": N_("{used} / {limit} characters ({percent}%)"),
    "budget-unknown": N_("cannot be computed: {why}"),
    "links": NP_("in a review", "Links"),
    "links-value": N_("{count}, of which {checked} were checked ({date})"),
    "links-bad": N_(", {dead} dead, {unknown} unknown"),
    "links-unchecked": N_("{count}, not checked yet (embedai check {date} --links)"),
    "issue": NP_("in a review", "Whole issue"),
    "raw": N_("{section} raw text"),
    "untitled": N_("Untitled"),
    "section": N_("{name} (section)"),
    "ready": NP_("an item", "ready"),
    "draft": NP_("an item", "to be finished"),
    "note": NP_("for colleagues", "Note"),
    "line": N_("line {line} of the draft"),
    "share": N_("{characters} characters in WeChat ({percent}%)"),
    "fix": N_("Fix: {fix}"),
    "more": N_("… {count} more"),
    "moved-section": N_("from “{before}” to “{after}”"),
    "moved-place": N_("from number {before} to {after}"),
    "index-findings": N_("With findings ({count})"),
    "index-changed": N_("Changed ({count})"),
    "index-all": N_("All ({count})"),
    "none": NP_("in a review", "None"),
    "removed-items": N_("Removed items"),
    "earlier": N_("{date}, {section}: “{title}” ({same})"),
    "history": N_("Compared with earlier issues"),
    "history-caption": NN_(
        "{count} issue: items by section, their sum, characters. Each {blocks} is an item.",
        "The last {count} issues: items by section, their sum, characters. Each {blocks} is an item.",
    ),
    "history-alone": N_("This is the first issue; there are none to compare it with."),
    "history-date": NP_("column of issues", "Date"),
    "history-total": NP_("column of issues", "Total"),
    "history-characters": NP_("column of issues", "Characters"),
    "history-picture": NP_("column of issues", "Picture"),
    "history-median": N_("Median of earlier issues"),
    "history-this": N_("{date} (this issue)"),
    "published": N_("What will be published"),
    "taken-from": N_(
        "The page, the article and the Markdown are taken from the next three cells, to the letter. To change them,"
        " change the draft, not these cells."
    ),
    "page": N_("Web page"),
    "wechat": N_("Article for WeChat"),
    "markdown": N_("Markdown"),
    "cut": NN_(
        "Too long: {count} more part is left out. The whole review is in {path}.",
        "Too long: {count} more parts are left out. The whole review is in {path}.",
    ),
}

KINDS = {
    "added": NP_("change of an item", "Added"),
    "removed": NP_("change of an item", "Removed"),
    "moved": NP_("change of an item", "Moved"),
    "edited": NP_("change of an item", "Changed"),
}
"""What became of an item since the last publication."""

LINK_STATES = {
    "ok": N_("opens (checked {date})"),
    "dead": N_("does not open: {why} (checked {date})"),
    "unknown": N_("unknown: {why} (checked {date})"),
    "no-fragment": N_("opens, but has no such place as “#” names (checked {date})"),
}

LINK_SIGNS = {
    "dead": NP_("a link", "does not open"),
    "unknown": NP_("a link", "unknown"),
    "no-fragment": NP_("a link", "opens, but has no such place as “#” names"),
}
"""The same in a few words, where it isn't well."""

SAME = {
    "url": N_("same address"),
    "paper": N_("same paper"),
    "repository": N_("same repository"),
    "company": N_("same company"),
    "title": N_("similar title"),
}
"""In what an earlier item is the same."""

NAMES = FIELDS | {"section": NP_("field", "Section"), "place": NP_("field", "Order")}
"""The fields of an issue in an editor's words."""
