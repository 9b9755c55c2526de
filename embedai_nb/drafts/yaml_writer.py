"""Write plain data as YAML: block style for what has structure or several lines, quotes only where they are needed.

`embedai_nb.drafts.yaml_reader.read` is the inverse.  Quotes are also put where another YAML reader would see a number, a date with time
or a truth value.
"""

from __future__ import annotations

import json
import re

from embedai_nb.drafts.yaml_reader import FORBIDDEN, Data
from embedai_nb.errors import DraftError
from embedai_nb.i18n import _

STEP = 2
MAX_KEY = 1000
"""Characters of a key as it is written; parsers look for the colon within 1,024 (YAML 1.1, 9.2.1.1)."""

# The writer escapes more than the parser refuses: what is invisible, or ends a line for some readers only.
INVISIBLE = re.compile("[\r\x85\u2028\u2029\ufeff]")

NEEDS_QUOTES = re.compile(
    r"""
    \s | .*\s\Z                             # white space at an end
    | [-?:,\[\]{}\#&*!|>'"%@`]              # an indicator in front
    | .*(?: :(?:[ \t]|\Z) | [ \t]\# )       # would end a key, would begin a comment
    | (?: ~ | null | true | false | yes | no | on | off | y | n | \.nan | [-+]?\.inf ) \Z
    | (?! [0-9]{4}-[0-9]{2}-[0-9]{2} \Z )
      [-+.]?[0-9][0-9a-f_,.:xo+\-]* (?: [ tT][0-9:.+\- zZ]* )? \Z   # a number; a time
    | \.{3} | << \Z | = \Z | \Z
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def dump(data: dict[str, Data]) -> str:
    """Write a whole file."""
    return "".join(f"{line}\n" for line in _mapping(data, 0))


def dump_entry(key: str, value: Data, column: int) -> list[str]:
    """Write ``key: value`` as lines, the key in ``column``."""
    head, *rest = dump_value(value, column)
    return [f"{' ' * column}{_key(key)}:{' ' if head else ''}{head}", *rest]


def _key(key: str) -> str:
    """Write a key; a DraftError if it is longer than any parser reads."""
    written = dump_inline(key)
    if len(written) > MAX_KEY:
        problem = _(
            "this name of a field is too long: {count:,} characters, written as {written:,}",
            count=len(key),
            written=len(written),
        )
        raise DraftError(problem, field=f"{key[:30]}…", remedy=_("at most {limit:,} are read", limit=MAX_KEY))
    return written


def dump_item(value: Data, column: int) -> list[str]:
    """Write a list entry as lines, its dash in ``column``."""
    if isinstance(value, dict) and value:
        first, *rest = _mapping(value, column + STEP)
        return [f"{' ' * column}- {first[column + STEP :]}", *rest]
    head, *rest = dump_value(value, column)
    return [f"{' ' * column}-{' ' if head else ''}{head}", *rest]


def dump_value(value: Data, column: int) -> list[str]:
    """Write the value of a key or dash in ``column``: first the rest of its line, then whole lines."""
    if isinstance(value, dict) and value:
        return ["", *_mapping(value, column + STEP)]
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return ["", *(line for each in value for line in dump_item(each, column + STEP))]
    if isinstance(value, str) and "\n" in value.rstrip("\n") + value[-1:] and not _has_invisible(value):
        return _literal(value, column + STEP)
    return [dump_inline(value)]


def dump_inline(value: Data, *, flow: bool = False) -> str:
    """Write a value on one line; ``flow`` where it stands between brackets."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{dump_inline(key, flow=True)}: {dump_inline(each, flow=True)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(dump_inline(each, flow=True) for each in value) + "]"
    if isinstance(value, str):
        return value if not _needs_quotes(value, flow) else _quoted(value)
    return "" if value is None else str(value).lower()


def _mapping(data: dict[str, Data], column: int) -> list[str]:
    return [line for key, value in data.items() for line in dump_entry(key, value, column)]


def _literal(text: str, column: int) -> list[str]:
    """Write a block scalar; its header says the indentation where the text's own white space would hide it.

    Read back, it ends in a line end, with which texts of an issue are the same as without.
    """
    indent = STEP if text[0] in " \t\n" else ""
    chomp = "+" if text.endswith("\n\n") or not text.strip("\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return [f"|{indent}{chomp}", *(" " * column + line if line else "" for line in lines)]


def _needs_quotes(text: str, flow: bool) -> bool:
    return bool(
        "\n" in text or _has_invisible(text) or NEEDS_QUOTES.match(text) or (flow and re.search(r"[,\[\]{}]", text))
    )


def _quoted(text: str) -> str:
    if "\n" not in text and "\t" not in text and not _has_invisible(text):
        return "'" + text.replace("'", "''") + "'" if re.search(r'["\\]', text) else f'"{text}"'
    quoted = json.dumps(text, ensure_ascii=False)
    for pattern in (FORBIDDEN, INVISIBLE):
        quoted = pattern.sub(lambda found: f"\\U{ord(found[0]):08X}", quoted)
    return quoted


def _has_invisible(text: str) -> bool:
    return bool(FORBIDDEN.search(text) or INVISIBLE.search(text))
