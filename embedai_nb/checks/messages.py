"""Severity, message and fix of each rule: the one table."""

from __future__ import annotations

from typing import NamedTuple

from embedai_nb.checks.severity import Severity
from embedai_nb.i18n import N_, NN_, NP_, Plural


class Message(NamedTuple):
    """Message of a rule, to be said in the newsletter's language; ``{…}`` are the values it found."""

    severity: Severity
    text: str | Plural
    fix: str = ""
    safe: bool = False
    """Whether the fix needs no decision of an editor."""


EXPIRING = N_(
    "This is a temporary link of WeChat, which expires within hours. Open the article in WeChat, tap “…” at the top right,"
    " choose “Copy link”, and use that address."
)

MESSAGES: dict[str, Message] = {
    # links
    "empty-link": Message(
        "error",
        N_("The link “{text}” has no address, so nobody can follow it. Add the address, or remove the link."),
    ),
    "no-link": Message("warning", N_("The title has no link. Add the address of the original.")),
    "no-title": Message(
        "error", N_("There is an address but no title, so readers do not see this item. Add the title.")
    ),
    "bad-url": Message("error", N_("The address “{url}” {problem}, so readers cannot open it. Correct it.")),
    "expiring-link": Message("error", EXPIRING),
    "item-twice": Message(
        "error",
        N_("This is {first} once more: address and text are the same. Remove one of them."),
        N_("Remove this copy"),
    ),
    "same-page": Message("warning", N_("The same page as {first}. Remove one of them, or link another page.")),
    "same-repo": Message("note", N_("The same repository as {first} ({repo}).")),
    "dead-link": Message(
        "error", N_("The address “{url}” no longer opens ({why}, checked {date}). Find another address.")
    ),
    "missing-fragment": Message(
        "note",
        N_(
            "The page “{url}” opens, but has no such place as “#” names (checked {date}). Name one that it has, or"
            " remove “#” and what follows."
        ),
    ),
    "unknown-link": Message(
        "note",
        N_("It is unknown whether “{url}” opens ({why}, checked {date}): the site turns programs away. Try it."),
    ),
    # items
    "unclosed-head": Message(
        "warning",
        N_(
            "A bracket in the title line has no partner: title, source and address cannot be told apart, and the link"
            " does not work. Write “[title | source](address)”."
        ),
    ),
    "unusual-head": Message(
        "note",
        N_("The title line has an unusual form. It is kept as it is; title, source and address are not recognized."),
    ),
    "no-source": Message(
        "warning",
        N_("There is no source. Say who published it."),
        N_("Set the source to {source} instead of having it in the title"),
    ),
    "no-tag": Message(
        "note", N_("There is no tag. Add the arXiv number or the conference."), N_("Add the tag {tag}"), safe=True
    ),
    "no-repo": Message(
        "warning",
        N_("There is no repository. Write it as “owner/name”."),
        N_("Set the repository to {repo}"),
        safe=True,
    ),
    "repo-mismatch": Message(
        "warning", N_("The repository is {repo}, but the link leads to {linked}. Correct one of them.")
    ),
    "tag-mismatch": Message(
        "warning", N_("The tag is {tag}, but the link leads to arXiv {linked}. Correct one of them.")
    ),
    # summaries and labels
    "no-summary": Message("warning", N_("“{label}” is missing. Write it.")),
    "unlabelled-summary": Message(
        "warning",
        N_("The text does not begin with the label “{label}”. Add it."),
        N_("Add the label “{label}”"),
        safe=True,
    ),
    "empty-label": Message("warning", N_("Nothing follows “{label}”. Finish it, or remove it.")),
    "summary-without-colon": Message(
        "warning",
        N_("The colon after “{label}” is missing, so it is an ordinary paragraph. Add it."),
        N_("Add the colon"),
        safe=True,
    ),
    "repeated-label": Message(
        "warning", N_("“{label}” is there twice. Remove one."), N_("Remove the second “{label}”")
    ),
    # the issue
    "no-items": Message("error", N_("The issue has no content yet. Add an item.")),
    "no-headline": Message("warning", N_("The title has no keywords. Write a few, separated by “/”.")),
    "heading-date": Message(
        "error", N_("The title says {found}, but this is the issue of {date}."), N_("Change the date to {date}")
    ),
    "lead-missing": Message("warning", N_("“{word}” is empty. Write it.")),
    "lead-skeleton": Message(
        "error",
        N_("“{word}” is a frame without content. Fill it; or empty it, and it is written from the items."),
        N_("Empty it, so that it is written from the items"),
    ),
    "lead-count": Message(
        "warning",
        NN_(
            "The number of items in “{word}” is {claimed}, but there is {count}.",
            "The number of items in “{word}” is {claimed}, but there are {count}.",
        ),
        N_("Change the number to {count}"),
        safe=True,
    ),
    "warmup-without-text": Message("error", N_("Nothing follows “{company}”. Finish it, or remove the line.")),
    "lost-bullet": Message(
        "warning",
        N_("The “- ” at the beginning of this line is missing, so it is no item of its own. Add it."),
        N_("Make it an item of its own"),
        safe=True,
    ),
    "raw-text": Message("note", N_("This text is not recognized as an item. It is kept as it is.")),
    "empty-section": Message("note", N_("This section has no content.")),
    "too-deep": Message(
        "error",
        N_(
            "Lists, quotations or emphasis are nested so deep that the page cannot show all of it. Move the innermost"
            " levels out."
        ),
    ),
    "not-ready": Message(
        "note", NN_("{count} item is not marked as ready yet.", "{count} items are not marked as ready yet.")
    ),
    "reads-differently": Message(
        "warning", N_("Written as Markdown, this reads as something else: {now} {then}. Change the signs here.")
    ),
    # Markdown
    "readers-differ": Message(
        "error",
        N_(
            "GitHub shows something else than the page: the page has “{here}”, GitHub has “{elsewhere}”. Change the"
            " markup or the signs here."
        ),
    ),
    "raw-end": Message(
        "error", N_("The text {tag} makes Jekyll fail, so the issue cannot be published. Reword it, or remove it.")
    ),
    "eaten-signs": Message(
        "warning",
        N_("Asterisks or underscores would be taken for emphasis, and vanish: {excerpts}."),
        N_("Have the signs shown as they are"),
        safe=True,
    ),
    "cut-address": Message(
        "warning",
        N_("The address ends before the Chinese text: {excerpts}. If that belongs to it, put it in angle brackets."),
        N_("Put the whole address in angle brackets"),
    ),
    "single-tilde": Message(
        "warning",
        N_("GitHub strikes out what is between two tildes: {excerpts}."),
        N_("Put a backslash before the tildes"),
        safe=True,
    ),
    "list-start": Message("warning", N_("The list begins with {number}, but on Jekyll's page it begins with 1.")),
    "not-markdown": Message(
        "note", N_("{name} is no part of this Markdown, and is shown as it is: {excerpts}."), N_("Use Markdown")
    ),
    # WeChat
    "wechat-title": Message(
        "warning", N_("The title for WeChat has {count} characters, of which lists show the first {shown}.{more}")
    ),
    "wechat-title-too-long": Message(
        "error",
        N_("The title for WeChat has {count} characters, but may have {limit} at most. Shorten the first keyword."),
    ),
    "wechat-nearly-full": Message(
        "warning",
        N_(
            "The article for WeChat has {count} characters, tags and styles included; the limit is {limit}, and pasting"
            " adds more. The longest parts are {longest}; shorten these first."
        ),
    ),
    "wechat-too-long": Message(
        "error",
        N_(
            "The article for WeChat has {count} characters, tags and styles included; it must have fewer than {limit}."
            " The longest parts are {longest}; shorten these first."
        ),
    ),
    # earlier issues
    "page-before": Message(
        "error",
        N_(
            "This page was in the issue of {date} already: {title}. Choose another; if you mean to repeat it, say why"
            " under waived of this item."
        ),
    ),
    "paper-before": Message("warning", N_("The same paper was in the issue of {date}: {title}.")),
    "repo-before": Message("note", N_("The same repository was in the issue of {date}: {title}.")),
    "title-before": Message("note", N_("A similar title ({score}%) was in the issue of {date}: {title}.")),
    # typography
    "doubled-punctuation": Message(
        "warning", N_("Doubled punctuation: {excerpts}."), N_("Remove the surplus marks"), safe=True
    ),
    "halfwidth-punctuation": Message(
        "warning",
        N_("Half-width punctuation in Chinese text: {excerpts}."),
        N_("Use full-width punctuation"),
        safe=True,
    ),
    "space-before-punctuation": Message(
        "warning", N_("A space too many beside punctuation: {excerpts}."), N_("Remove the space"), safe=True
    ),
    "unbalanced-brackets": Message("warning", N_("A bracket or quotation mark has no partner: {excerpts}.")),
    "invisible-character": Message(
        "warning", N_("There are invisible characters: {characters}."), N_("Remove the invisible characters")
    ),
    "spacing": Message(
        "note",
        N_("A space is missing between Chinese and other words or numbers: {excerpts}."),
        N_("Add the spaces"),
        safe=True,
    ),
    # waived rules
    "unknown-rule": Message("warning", N_("There is no rule “{rule}”.")),
    "waived-without-reason": Message(
        "warning", N_("“{rule}” is waived without a reason, so it is checked all the same. Add the reason.")
    ),
    # plug-ins
    "plugin-missing": Message(
        "error",
        N_(
            "newsletter.yaml names the plug-in {plugin}, which is not installed here, so its rules are not checked."
            " Install it: pip install {plugin}"
        ),
    ),
    "plugin-failed": Message("warning", N_("The plug-in {plugin} failed: {problem}. All other rules were checked.")),
    # the closing
    "no-closing": Message("note", N_("“{back_issues}” is missing.")),
    "dead-back-issue": Message(
        "warning",
        NN_(
            "{count} issue of “{back_issues}” does not exist: {dates}.",
            "{count} issues of “{back_issues}” do not exist: {dates}.",
        ),
    ),
    "stray-text": Message("warning", N_("There is text after the licence: {text}."), N_("Remove the text")),
}

FILE_MESSAGES: dict[str, Message] = {
    "unreadable-draft": Message("error", N_("This file cannot be read: {problem}")),
    "git-files": Message(
        "note",
        NN_(
            "{file} lacks the line {lines}. Run embedai setup-git to add it.",
            "{file} lacks the lines {lines}. Run embedai setup-git to add them.",
        ),
    ),
    "issue-twice": Message(
        "error",
        N_(
            "{date} and {other} are the same issue, most of the items are equal: somebody moved it to another date, and"
            " somebody else did not, or to yet another one. Make one of them. To keep {date}: embedai reschedule"
            " {other} {date} --merge; to keep {other}: embedai reschedule {date} {other} --merge."
        ),
    ),
    "conflict-markers": Message(
        "error", N_("{file} has conflict markers of Git (lines {lines}): it holds two versions. {remedy}")
    ),
}
"""Severity and message of findings about whole files, which no rule makes: there is no issue to check."""

WAIVED = N_("{text} (Waived: {reason})")
"""Message of a waived finding."""

URL_PROBLEMS = {
    "scheme": N_("does not begin with http, https or mailto"),
    "host": N_("has no valid name of a site"),
    "space": N_("has a space in it"),
    "mark": N_("ends with a Chinese punctuation mark"),
}

NO_MARKDOWN = {
    "html": NP_("not in this Markdown", "HTML"),
    "heading": NP_("not in this Markdown", "A heading"),
    "rule": NP_("not in this Markdown", "A horizontal rule"),
    "footnote": NP_("not in this Markdown", "A footnote"),
    "formula": NP_("not in this Markdown", "A formula"),
    "definition": NP_("not in this Markdown", "A definition list"),
    "attributes": NP_("not in this Markdown", "A list of attributes"),
}
"""What is no part of the dialect."""

NOTHING = N_("(empty)")
BECOMES = NP_("read back from Markdown, a text", "becomes {text}")
LOST = NP_("read back from Markdown, a text", "is gone")
LEFT_OUT = N_(" There is no room for the keywords {left_out}.")
CHARACTERS = N_("{name} ({characters} characters)")

UNMERGED_REMEDIES = {
    "draft": N_("Choose item by item in the form (embedai edit); or leave one version by hand, without the markers."),
    "two-dates": N_("It was moved to two dates; to keep {date}: embedai reschedule {other} {date} --merge."),
    "newsletter": N_("Leave one version by hand, without the markers."),
    "generated": N_("It is made from the draft; make it anew: embedai issue {date}."),
    "revisions": N_("It is kept by the program; make it anew: embedai build."),
}
"""What to do about conflict markers, by the kind of file."""
