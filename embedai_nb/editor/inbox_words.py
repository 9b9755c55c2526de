"""Words of the form's tab of candidates."""

from __future__ import annotations

from embedai_nb.i18n import N_, NN_, NP_, Plural

__all__ = ["INBOX_WORDS"]

INBOX_WORDS: dict[str, str | Plural] = {
    "tab-inbox": NP_("tab", "Candidates"),
    "inbox-none": N_(
        "newsletter.yaml has no inbox: yet. Name feeds, arXiv queries or files of links there, and candidates are listed here; "
        "docs/inbox.md tells how."
    ),
    "inbox-empty": N_("No candidates left."),
    "inbox-loading": N_("Sorting the candidates…"),
    "inbox-fetch": N_("Fetch"),
    "inbox-fetching": N_("Fetching: {done}/{of}"),
    "inbox-fetched": N_("Last fetched: {time}"),
    "inbox-never": N_("Not fetched yet"),
    "inbox-failed": NN_("{count} source was not fetched: {list}", "{count} sources were not fetched: {list}"),
    "inbox-busy": N_("Another window is fetching."),
    "inbox-filter": N_("Filter"),
    "inbox-filter-hint": N_("title, source or section"),
    "inbox-hide-seen": N_("Hide those published before"),
    "inbox-keys": N_(
        "↑↓ select · Enter add to the suggested section · {digits} · Delete dismiss · O open · U undo · / filter"
    ),
    "inbox-take": N_("Add to {section}"),
    "inbox-dismiss": NP_("a candidate", "Dismiss"),
    "inbox-undo": N_("Undo"),
    "inbox-list": N_("Candidates of the inbox"),
    "inbox-named": N_("{title}, {about}"),
    "inbox-seen": N_("already in {date}"),
    "inbox-also": N_("See also: "),
    "inbox-gone": N_("This candidate is gone."),
    "age-today": N_("today"),
    "age-days": NN_("{count} day ago", "{count} days ago"),
}
