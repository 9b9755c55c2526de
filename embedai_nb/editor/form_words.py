"""The form's words in one language, as its script has them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from embedai_nb.checks import SEVERITIES
from embedai_nb.editor.inbox_words import INBOX_WORDS
from embedai_nb.editor.messages import WORDS
from embedai_nb.i18n import Plural, Translator, translator

__all__ = ["form_words", "sentences"]


def form_words(language: str) -> dict[str, str | list[str]]:
    """Say all words of the form; those that depend on a count come as two, for one and for other numbers."""
    say = translator(language)
    known = WORDS | INBOX_WORDS | {f"severity-{kind}": style.word for kind, style in SEVERITIES.items()}
    return {
        key: [say.template(word, count) for count in (1, 2)] if isinstance(word, Plural) else say.template(word)
        for key, word in known.items()
    }


def sentences(say: Translator, texts: Iterable[str]) -> str:
    """Put sentences one behind another, those that are there."""

    def joined(first: str, second: str) -> str:
        return say(WORDS["sentences"], first=first, second=second)

    return reduce(joined, [text for text in texts if text])
