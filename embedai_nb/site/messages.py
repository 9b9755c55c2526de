"""Texts of the website."""

from __future__ import annotations

from collections.abc import Mapping

from embedai_nb.i18n import N_, NN_, NP_, Plural

__all__ = ["WORDS"]

WORDS: Mapping[str, str | Plural] = {
    "home": NP_("page of the site", "Home"),
    "site": NP_("of the newsletter", "Site"),
    "search": NP_("field of the site", "Search"),
    "search_hint": N_("Search all issues"),
    "search_needs_script": N_("Search needs JavaScript; years, sections and sources lead everywhere too."),
    "searching": N_("Searching…"),
    "found": N_("{count} found"),
    "found_more": N_("{count} found so far, there may be older ones"),
    "nothing_found": N_("Nothing found for “{query}”"),
    "unreachable": N_("The search data can't be read; check the connection and try again"),
    "more": N_("Look further back"),
    "results": N_("Search results"),
    "latest": N_("Latest issue"),
    "sections": NP_("page of the site", "Sections"),
    "sources": NP_("page of the site", "Sources"),
    "all_sources": N_("All sources ({count})"),
    "tags": NP_("page of the site", "Tags"),
    "all_tags": N_("All tags ({count})"),
    "about": N_("About this site"),
    "trends": N_("Charts: what this newsletter wrote about"),
    "years": NP_("page of the site", "Years"),
    "items": NN_("{count} item", "{count} items"),
    "issues": NN_("{count} issue", "{count} issues"),
    "previous": NP_("issue", "Previous"),
    "next": NP_("issue", "Next"),
    "newer": NP_("items of a list", "Newer"),
    "older": NP_("items of a list", "Older"),
    "pages": NP_("of a list", "Pages"),
    "neighbours": N_("Previous and next issue"),
    "original": NP_("link to an item's page", "original"),
    "subscribe": NP_("to a feed", "Subscribe"),
    "not_found": N_("No such page"),
    "not_found_hint": N_("The address may be misspelt, or the issue has another date now."),
}
