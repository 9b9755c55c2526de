"""The template of a new draft, which explains itself in the newsletter's language."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from embedai_nb.drafts.yaml_writer import dump_inline
from embedai_nb.i18n import N_, NP_, Translator, translator
from embedai_nb.model import Newsletter, SectionStyle

NEEDS = {
    "source": NP_("what an item needs", "source"),
    "tag": NP_("what an item needs", "tags"),
    "repo": NP_("what an item needs", "repo"),
}

OPENING = """\
schema: 1
date: {date}

# {headline}
#   - {keyword}
headline:

# {lead}
lead:

# {warmups}
#   - {{company: {company}, text: {news}, url: https://…}}
warmups:

# {items}
#   - title: {title}
#     source: {source}
#     url: https://…
#     tags: [{tags}]
#     repo: owner/name
#     fields:
#       {summary_label}: |
#         {summary}
#     hook: {hook}
#     note: {note}
#     status: ready   # {status}
sections:
"""
COMMENTS = {
    "headline": N_("Keywords of the title, one a line:"),
    "keyword": NP_("in a template", "keyword"),
    "lead": N_("{lead_word}: if empty, the program writes it from each item's hook, else its title"),
    "warmups": N_("Short news, one a line; the program adds the closing mark; with a url the whole line is a link:"),
    "company": NP_("in a template", "company"),
    "news": NP_("in a template", "what happened"),
    "items": N_("Items stand under the items of their section:"),
    "title": NP_("in a template", "title"),
    "source": NP_("in a template", "who published it"),
    "tags": N_("arXiv id or venue of a paper"),
    "summary": N_("One paragraph a line, as many as you like."),
    "hook": N_("half a sentence for “{lead_word}”"),
    "note": N_("for colleagues, not published"),
    "status": N_("finished; draft until then"),
}
NEEDED = N_("every item needs: {needs}")
BETWEEN_NEEDS = NP_("between what an item needs", ", ")


def template(date: datetime.date, newsletter: Newsletter) -> str:
    """Write the text of a new draft, without its first line."""
    say = translator(newsletter.language)
    comments = {key: say(comment, lead_word=newsletter.lead_word) for key, comment in COMMENTS.items()}
    opening = OPENING.format(date=date, summary_label=newsletter.summary_label, **comments)
    return opening + "".join(line for style in newsletter.sections for line in _section(style, newsletter, say))


def _section(style: SectionStyle, newsletter: Newsletter, say: Translator) -> Iterator[str]:
    words = {need: say(word) for need, word in NEEDS.items()} | {"summary": newsletter.summary_label}
    needs = say(BETWEEN_NEEDS).join(words[need] for need in style.needs)
    yield f"  - name: {dump_inline(style.name)}" + (f"   # {say(NEEDED, needs=needs)}" if needs else "") + "\n"
    yield "    items:\n"
