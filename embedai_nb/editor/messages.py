"""All messages of the form; ``{…}`` are placeholders."""

from __future__ import annotations

from typing import NamedTuple

from embedai_nb.i18n import N_, NN_, NP_, Plural
from embedai_nb.text.locations import FIELDS

__all__ = ["LABELS", "MARKS", "UNDER_WAY", "WORDS"]

WORDS: dict[str, str | Plural] = {
    # how messages are put together
    "labelled": N_("{name}: {text}"),
    "bracketed": N_("{name} ({detail})"),
    "sentences": N_("{first} {second}"),
    "comma": NP_("between words of a list", ", "),
    "semicolon": NP_("between parts of a list", "; "),
    "between-tags": NP_("between tags", ", "),
    "between-marks": NP_("between marks in the outline", ", "),
    # tabs
    "tabs": N_("Views"),
    "tab-edit": NP_("tab", "Edit"),
    "tab-preview": NP_("tab", "Preview"),
    "tab-findings": NP_("tab", "Findings"),
    "tab-wechat": NP_("tab", "WeChat"),
    "tab-changes": NP_("tab", "Changes"),
    "tab-search": NP_("tab", "Search"),
    # outline
    "outline": N_("Outline"),
    "head": N_("Headline and lead"),
    "warmups": N_("Warm-ups"),
    "closing": N_("Closing"),
    "untitled": N_("(no title yet)"),
    "untitled-warmup": N_("(no text yet)"),
    "untitled-section": N_("(no section name yet)"),
    "raw": N_("Raw text"),
    "ready": N_("Ready"),
    "progress": N_("Ready: {ready}/{count}"),
    "moved": N_("“{title}” is now number {number} in {part}."),
    # commands
    "add-item": N_("+ Item"),
    "add-warmup": N_("+ Warm-up"),
    "add-section": N_("+ Section"),
    "duplicate": N_("Duplicate"),
    "delete": N_("Delete"),
    "undo": N_("Undo"),
    "redo": N_("Redo"),
    "up": N_("Move up"),
    "down": N_("Move down"),
    "send": N_("Move to a section"),
    "send-to": NP_("of an item", "Move to…"),
    "paste": N_("Paste…"),
    "mark-ready": N_("Mark as ready"),
    "mark-draft": N_("Mark as not ready"),
    "open-url": N_("Open the address"),
    "add-link": N_("Add link"),
    "remove-link": N_("Remove this link"),
    "add-label": N_("Add label"),
    "add-label-hint": N_("Paper, Code, Project … or your own"),
    "rename-label": N_("Rename"),
    "remove-label": N_("Remove this label"),
    "omit": N_("Leave out of this issue"),
    "shortcuts": N_("Keyboard shortcuts"),
    "shortcut-list": N_(
        "Alt+↑ / Alt+↓ move up, down; Alt+Enter mark as ready or not; Alt+N add an item; Alt+D duplicate; Alt+Delete delete; "
        "Alt+V paste links or Markdown; Ctrl+B bold, Ctrl+I italic, Ctrl+K link, Ctrl+E code, Ctrl+Shift+V paste as plain text; "
        "Alt+Z undo, Alt+Shift+Z redo; Alt+P publish; Alt+1…7 switch views; Alt+F search; Alt+O go to the outline, "
        "where ↑ ↓ select and Enter goes to the fields."
    ),
    # fields
    "needed": NP_("a field", "required"),
    "hint-headline": N_("a few keywords, separated by /"),
    "hint-lead": N_("left empty, it is written from the items’ words for it"),
    "hint-company": N_("the company that it is about"),
    "hint-warmup": N_("the closing punctuation is added for you"),
    "hint-url": N_("https://…"),
    "hint-repo": N_("owner/repository"),
    "hint-tags": N_("arXiv ids, conferences …"),
    "hint-source": N_("publication or website"),
    "hint-summary": N_("one paragraph a line; Markdown is welcome"),
    "hint-hook": N_("half a sentence; left empty, the title is used"),
    "hint-note": N_("for colleagues, never published"),
    "hint-raw": N_("Markdown that was not recognized; published as it is"),
    "reschedule": N_("Reschedule"),
    "reschedule-unconfirmed": N_("not rescheduled yet: click “Reschedule” or press Enter"),
    "reschedule-waiting": N_("The date is not {date} yet"),
    "reschedule-published": N_("These files of {old} exist already and will be renamed:"),
    "reschedule-renames": N_("{old} → {new}"),
    "reschedule-consequence": N_(
        "Links to {old} that readers have will break. The issue is published again under its new date."
    ),
    "reschedule-do": N_("Reschedule to {new} and publish"),
    "reschedule-drop": N_("Keep the date"),
    # preview and findings
    "preview": N_("Preview of this part"),
    "preview-failed": N_("Cannot be shown: {message}"),
    "no-findings": N_("No findings."),
    "checking": N_("Checking…"),
    "fix": N_("Fix"),
    "fix-all": N_("Fix all ({count})"),
    "fix-all-explained": N_("These need no decision of yours; fix the others one by one."),
    "fixing": N_("Fixing…"),
    "fixed": NN_("Fixed {count} finding:", "Fixed {count} findings:"),
    "fixed-undo": N_("Undo all"),
    "waive": N_("Waive"),
    "waive-why": N_("Give the reason, then press Enter"),
    "never-published": N_("This issue has never been published."),
    "as-published": N_("No changes: this is what is published."),
    # an empty issue
    "begin-title": N_("This issue is still empty."),
    "begin-explained": N_(
        "Paste the links that you found, one a line: articles, papers and repositories go to their sections, "
        "and titles and summaries are filled in."
    ),
    "begin-paste": N_("Paste links…"),
    "begin-item": N_("Or write an item"),
    "add-text": N_("Add text"),
    # images and what is pasted into a field
    "not-heard": N_("Not done: the connection to the kernel is lost. Try again once it is back."),
    "image-saving": N_("Saving the image…"),
    "image-saved": N_("The image is saved as {address}."),
    "image-saved-unplaced": N_("The image is saved. Paste this line where it belongs:"),
    "image-large": N_("The image was not added: it is larger than {limit} MB."),
    "image-unknown": N_("Not added: only PNG, JPEG, GIF, WebP and AVIF images are taken."),
    "image-unsaved": N_("The image could not be saved as {path}: {message}."),
    "image-unreachable": N_("No network"),
    "images-elsewhere": NN_(
        "The text has {count} image that still lies on another site and would vanish with that page.",
        "The text has {count} images that still lie on other sites and would vanish with those pages.",
    ),
    "images-lost": NN_(
        "{count} image did not come along; copy and paste it by itself.",
        "{count} images did not come along; copy and paste them one by one.",
    ),
    "images-save": N_("Save beside the draft"),
    "images-saved": NN_(
        "{count} image is saved in images, beside the draft.", "{count} images are saved in images, beside the draft."
    ),
    "images-failed": N_("No image was saved: {reasons}."),
    "images-saved-some": NN_(
        "{count} image is saved beside the draft; the others are not: {reasons}.",
        "{count} images are saved beside the draft; the others are not: {reasons}.",
    ),
    # publication
    "publication": N_("Publication"),
    "publish": N_("Publish"),
    "publish-keys": N_("Publish (Alt+P)"),
    "publish-checking": N_("Checking…"),
    "publish-starting": N_("Publishing…"),
    "publish-running": N_("Publishing {done}/{of}"),
    "publish-state-never": N_("Not published"),
    "publish-state-published": N_("Published {time}"),
    "publish-state-changed": N_("Changed since published"),
    "publish-state-failed": N_("Publishing failed"),
    "publish-unsaved": N_("Not published: there is text that is not saved yet."),
    "publish-locked": N_("Another program is publishing this issue; publish again when it has finished."),
    "publish-errors": NN_(
        "Not published: this issue has {count} error.", "Not published: this issue has {count} errors."
    ),
    "publish-failed": N_("Not published: {message}"),
    "publish-failed-cell": N_("Not published: cell {cell} failed, {message}"),
    "publish-failed-unknown": N_("Not published: the notebook did not run to its end."),
    "publish-failed-kept": N_("What was published before is unchanged. The notebook that failed:"),
    "ask-errors": NN_("Fix {count} error before publishing.", "Fix {count} errors before publishing."),
    "ask-warnings": NN_(
        "There is {count} warning that you have not seen. Publish anyway?",
        "There are {count} warnings that you have not seen. Publish anyway?",
    ),
    "publish-anyway": N_("Publish anyway"),
    "not-yet": N_("Not yet"),
    "obstacles": N_("To fix before publishing"),
    "more-obstacles": N_("All {count}…"),
    "where-and-what": N_("{where} — {what}"),
    "why-failed": N_("Why?"),
    "close": N_("Close"),
    "open-page": N_("Open page"),
    "open-notebook": N_("Open review"),
    "open-markdown": N_("Open Markdown"),
    "open-failed-notebook": N_("Open the notebook that failed"),
    "opening": N_("Opening…"),
    "open-failed": N_("Cannot open {path}: {message}"),
    "open-blocked": N_("The browser blocked the new tab. Open it here:"),
    "copy-article": N_("Copy article"),
    "copy-title": N_("Copy title"),
    "copy-digest": N_("Copy digest"),
    "copied-article": N_("The article is copied: paste it into WeChat’s editor."),
    "copied-title": N_("The title is copied."),
    "copied-digest": N_("The digest is copied."),
    "not-copied": N_("The browser does not allow copying. Select the article under “WeChat” and press Ctrl+C or ⌘C."),
    "upload": N_("Send to WeChat drafts"),
    "uploading": N_("Sending to WeChat drafts…"),
    "uploaded": NN_(
        "The article is in the WeChat draft box ({count} image). Look at it there before you send it.",
        "The article is in the WeChat draft box ({count} images). Look at it there before you send it.",
    ),
    "uploaded-again": NN_(
        "The article in the WeChat draft box is replaced ({count} image). Look at it there before you send it.",
        "The article in the WeChat draft box is replaced ({count} images). Look at it there before you send it.",
    ),
    "upload-failed": N_("Not sent to the WeChat draft box: {message}"),
    # all issues
    "issues": NP_("all of them", "Issues"),
    "issues-explained": N_("Open another issue, or begin one"),
    "issues-listing": N_("Listing the issues…"),
    "issue-open": N_("Open"),
    "issue-here": N_("Open here"),
    "issue-untitled": N_("(no keywords yet)"),
    "issue-archived": N_("Archived, no draft"),
    "issue-unreadable": N_("Cannot be read"),
    "issue-errors": NN_("{count} error", "{count} errors"),
    "issue-warnings": NN_("{count} warning", "{count} warnings"),
    "issue-new": N_("New issue, date:"),
    "issue-begin": NP_("an issue", "Begin"),
    "issue-opening": N_("Opening {date}…"),
    # pasting
    "paste-title": N_("Paste links, or Markdown"),
    "paste-placeholder": N_(
        "https://example.com/article\n2104.14129\nowner/repository\nTitle | Source\nhttps://…\n\n- [Title | Source](https://…)\nSummary: …"
    ),
    "paste-explained": N_(
        "Links go to their sections, and what is known of them is filled in afterwards. "
        "Markdown may have “## Section” headings and warm-ups."
    ),
    "paste-hint": N_("Markdown without a heading goes to:"),
    "paste-do": NP_("pasted text", "Add"),
    "cancel": N_("Cancel"),
    "pasted": N_("Added {items} and {warmups}."),
    "pasted-raw": N_("Added {items}, {warmups} and {raw} that was not recognized, kept as it is."),
    "pasted-items": NN_("{count} item", "{count} items"),
    "pasted-warmups": NN_("{count} warm-up", "{count} warm-ups"),
    "pasted-passages": NN_("{count} passage", "{count} passages"),
    "pasted-nothing": N_("There is nothing in it to add."),
    "asking": NN_(
        "Looking up {count} item; what is found is filled in.", "Looking up {count} items; what is found is filled in."
    ),
    "refused": NN_("{count} line was not added: {reasons}", "{count} lines were not added: {reasons}"),
    "asked": N_("Everything is looked up."),
    "asked-pending": NN_(
        "Looked up; {count} item was not found and is marked, with the reason in its note.",
        "Looked up; {count} items were not found and are marked, with the reasons in their notes.",
    ),
    "ask": N_("Look up again"),
    "pending": N_("incomplete"),
    # earlier issues
    "search-label": N_("Search other issues"),
    "search-hint": N_("words, separated by spaces; ↑ ↓ select, Enter opens"),
    "search-nothing": N_("Nothing found in other issues."),
    "search-count": NN_("{count} item found", "{count} items found"),
    "search-many": N_("The first {count} items found"),
    "search-untitled": N_("(no title)"),
    "earlier": N_("Already in {date}: "),
    "earlier-title": N_("A similar title in {date}: "),
    # saving
    "saved": N_("Saved {time}"),
    "saving": N_("Saving…"),
    "typing": N_("Typing…"),
    "unsaved": N_("Not saved"),
    "unsaved-because": N_("Not saved: {message}. The text is still on screen, and saving is retried."),
    "unsaved-replaceable": N_("Not saved: the draft is gone or cannot be read. {message}."),
    "unsaved-conflict": N_("Not saved: the draft was changed elsewhere, too."),
    "retry": N_("Retry now"),
    "overwrite": N_("Use what is on screen; keep a copy of the file"),
    "failed": N_("Saved {time}, with a problem"),
    "failed-show": N_("The newest text cannot be shown: {message}."),
    "failed-check": N_("The checks cannot go on: {message}."),
    "failed-watch": N_("Changes made elsewhere go unnoticed: {message}."),
    "failed-follow": N_("Changes made elsewhere cannot be read: {message}."),
    "failed-command": N_("This could not be done: {message}."),
    "failed-retried": N_("The draft is saved as usual; this is retried, and the notice goes once it works."),
    "offline": N_("Disconnected"),
    "offline-unsaved": N_("Disconnected: the text is on screen and will be saved"),
    "offline-refused": N_("Disconnected: this has to wait. Go on writing; it is saved once the connection is back."),
    "offline-waiting": N_("Disconnected: the last step is done once the connection is back."),
    "no-form": N_(
        "No form? anywidget has to be installed where Jupyter was started, too: "
        "pip install anywidget, then restart Jupyter and reload the page."
    ),
    "rendering": N_("Rendering…"),
    "chrome-show": N_("Show JupyterLab’s menus and side bars"),
    "chrome-hide": N_("Hide JupyterLab’s menus and side bars"),
    "reloaded": N_("The draft was changed elsewhere and has been reloaded; “Undo” brings back what was here."),
    "language-changed": N_("newsletter.yaml has another language now. Reload the page to see the form in it."),
    "nothing-to-do": N_("This cannot be done here."),
    "rescued": N_("The place of this text is gone, so it is not in the draft. Copy it to where it belongs:"),
    "dismiss": NP_("a notice", "Dismiss"),
    # conflict
    "conflict": N_("The draft was changed elsewhere, too"),
    "conflict-explained": N_(
        "Both versions are kept, neither has been overwritten. Choose one wherever they differ; where only one side made "
        "a change, it is chosen already. What is not chosen is kept in issues/.cache/kept, too."
    ),
    "ours": N_("Mine"),
    "theirs": N_("Theirs"),
    "all-ours": N_("All mine"),
    "all-theirs": N_("All theirs"),
    "tab-conflict": N_("Two drafts"),
    "compare": N_("Compare and choose"),
    "both-changed": N_("both changed it"),
    "absent": N_("(absent)"),
    "empty": N_("(empty)"),
    "resolve": N_("Merge as chosen and save"),
    "order": NP_("of entries", "Order"),
    "place": NP_("an item is in it", "Section"),
    "whole": N_("Whole entry"),
    "label-order": N_("Order of the labels"),
    # a draft that cannot be read
    "broken": N_("The draft cannot be read"),
    "broken-explained": N_(
        "The file is untouched. Correct it as the message says and read it again, or use the last good copy; "
        "the file as it is now is kept."
    ),
    "reread": N_("Read again"),
    "restore": N_("Use the last good copy"),
    "no-good-copy": N_("There is no good copy; Git may have one."),
    "broken-merging": N_(
        "{what} is not finished, so no earlier copy is offered: it would undo what somebody else changed."
    ),
    "broken-merging-explained": N_("The file is untouched. Correct it as the message says, then read it again."),
    # a draft that git could not merge
    "unmerged": N_("Two versions that Git cannot merge"),
    "unmerged-status": N_("Two versions: choose"),
    "unmerged-what": N_("{what} stopped at this draft. Both versions are here, nothing is lost."),
    "unmerged-explained": N_(
        "Choose a version wherever they differ; where only one side made a change, it is chosen already. "
        "Both versions are kept in issues/.cache/kept, too."
    ),
    "unmerged-nothing": N_("There is nothing to decide: the changes of both sides can stay."),
    "unmerged-kept": N_("Added by {who}, kept in any case: {what}"),
    "unmerged-all": N_("All of {who}"),
    "unmerged-write": N_("Write the draft as chosen"),
    "unmerged-stage": N_("Write and stage (git add)"),
    "unmerged-written": N_("The draft is written. Look at it, then: git add {path} and {next}."),
    "unmerged-staged": N_("The draft is written and staged (git add). Next: {next}."),
    "missing": N_("There is no draft of this issue"),
    "missing-explained": N_("Create it; or if the issue was rescheduled, open its new date. Drafts that exist:"),
    "create": N_("Create this issue"),
}


class GitOperation(NamedTuple):
    """An operation of Git, and the command that goes on with it."""

    what: str
    following: str


UNDER_WAY = {
    "merge": GitOperation(N_("The merge (git merge)"), "git commit"),
    "rebase": GitOperation(N_("The rebase (git rebase)"), "git rebase --continue"),
    "cherry-pick": GitOperation(N_("The cherry-pick (git cherry-pick)"), "git cherry-pick --continue"),
    "revert": GitOperation(N_("The revert (git revert)"), "git revert --continue"),
    "stash": GitOperation(N_("Applying the stash (git stash)"), "git stash drop"),
}
"""What Git may be doing."""

MARKS = {
    "no-link": N_("no link"),
    "empty-link": N_("no link"),
    "no-summary": N_("no summary"),
    "unlabelled-summary": N_("summary unlabelled"),
    "empty-label": N_("empty label"),
    "same-page": N_("repeated"),
    "page-before": N_("seen before"),
    "paper-before": N_("seen before"),
    "repo-before": N_("seen before"),
    "title-before": N_("similar title"),
}
"""Marks in the outline, by the rule that found something about the item."""

LABELS = FIELDS | {
    "raw": N_("Markdown"),
    "note": NP_("published", "Note"),
    "name": N_("Section name"),
    "text": NP_("of an item", "Text"),
    "warmup-text": NP_("of a warm-up", "Text"),
    "item-note": N_("Private note"),
    "link-text": N_("Link text"),
    "link-url": N_("Link address"),
}
"""Labels of the fields."""
