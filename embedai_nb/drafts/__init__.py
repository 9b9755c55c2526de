"""Drafts: YAML written by hand, which programs change without disturbing it."""

from embedai_nb.drafts.store import Draft, DraftStore, load_newsletter, newsletter_language, with_issue
from embedai_nb.drafts.template import template

__all__ = ["Draft", "DraftStore", "load_newsletter", "newsletter_language", "template", "with_issue"]
