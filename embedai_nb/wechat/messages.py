"""What the article for WeChat says besides the issue, and the page to copy it from."""

from __future__ import annotations

from embedai_nb.i18n import N_, NP_

__all__ = ["ARTICLE", "PAGE", "PARTS"]

PARTS = {
    "opening": N_("Lead and warm-ups"),
    "headings": N_("Names of sections"),
    "closing": N_("Closing"),
    "links": NP_("list of an article", "Links"),
}
"""The parts that are no items, as the template marks them."""

ARTICLE = {
    "links": NP_("list of an article", "Links"),
    "picture": NP_("in an article", "Picture"),
    "picture-of": NP_("in an article", "Picture: {text}"),
    "placeholder": NP_("place of a picture", "[{name}]"),
}
"""What readers see."""

PAGE = {
    "document": N_("{title} · WeChat"),
    "heading": N_("Article for WeChat"),
    "copy-text": N_("Copy the text"),
    "text": NP_("copied", "Text"),
    "title": NP_("of an article", "Title"),
    "copy-title": N_("Copy the title"),
    "digest": NP_("of an article", "Summary"),
    "copy-digest": N_("Copy the summary"),
    "source": N_("Read more"),
    "source-link": NP_("copied", "Address of the original"),
    "copy-source": N_("Copy the address of the original"),
    "copy": NP_("button", "Copy"),
    "copied": N_("{name} copied; paste it into the editor of your account."),
    "refused": N_("The browser doesn't let pages copy; all is selected: press Ctrl+C or ⌘C."),
    "of": N_("{count}/{limit} characters"),
    "size": NP_("of an article", "Size"),
    "characters": N_("{count:,} / {limit:,} characters"),
    "fits": N_(", tags and styles counted."),
    "nearly-full": N_(", tags and styles counted; not much room is left."),
    "too-long": N_(", tags and styles counted: more than WeChat takes, shorten it."),
    "meter": N_("Size of the text"),
    "heaviest": N_("Largest parts"),
    "pictures": N_("Pictures to be uploaded"),
    "pictures-hint": N_("After pasting, insert them where the text has [Picture]."),
    "picture": NP_("to be uploaded", "{text}: {url}"),
    "undescribed": N_("(no description)"),
}
"""What an editor sees."""
