"""The words of the form in Chinese and in English, for tests of what it says."""

from __future__ import annotations

from embedai_nb.editor.inbox_words import INBOX_WORDS as INBOX
from embedai_nb.editor.messages import WORDS as FORM
from embedai_nb.i18n import translator

CHINESE = translator("zh-CN")

WORDS = {key: CHINESE.template(word, 2) for key, word in FORM.items()}
INBOX_WORDS = {key: CHINESE.template(word, 2) for key, word in INBOX.items()}
ENGLISH = {key: translator("en").template(word, 2) for key, word in (FORM | INBOX).items()}
