"""Put texts together by the punctuation of a language: quotation marks, lists, brackets, labels."""

from __future__ import annotations

from collections.abc import Iterable

from embedai_nb.i18n import NP_, Translator

__all__ = ["aside", "clauses", "labelled", "listed", "quoted"]


def quoted(text: str, say: Translator) -> str:
    """Quote a text."""
    return say(NP_("quotation", "“{text}”"), text=text)


def listed(names: Iterable[str], say: Translator) -> str:
    """List names, numbers or quotations."""
    return say(NP_("between names", ", ")).join(names)


def clauses(texts: Iterable[str], say: Translator) -> str:
    """Make one sentence of several clauses; empty ones are left out."""
    return say(NP_("between clauses", ", ")).join(filter(None, texts))


def aside(text: str, say: Translator) -> str:
    """Write what follows a name in brackets; empty if there is nothing to say."""
    return say(NP_("in brackets after a name", " ({text})"), text=text) if text else ""


def labelled(label: str | None, text: str, say: Translator) -> str:
    """Write a text behind its label, if it has one."""
    return say(NP_("label and text", "{label}: {text}"), label=label, text=text) if label else text
