"""Answers that strangers' sites may give to cost time and memory; none is kept as a file, each is a line of code."""

from __future__ import annotations

from collections.abc import Mapping

SIZE = 5_000_000
"""The size limit of an answer."""


def _filled(start: str, repeated: str, size: int = SIZE) -> str:
    return start + repeated * ((size - len(start)) // len(repeated))


def _attributes(count: int, written: str) -> str:
    return " ".join(written.format(n) for n in range(count))


QUOTED = 'a{}="x"'

HTML: Mapping[str, str] = {
    "misnested formatting": "".join(f"<b {n}>" for n in range(2000))
    + _filled("".join(f"<i {n}>" for n in range(2000)), "x</b>", 4_900_000),
    "nested lists": _filled("", "<ul><li>"),
    "nested blocks": _filled("", "<div>"),
    "nested tables": _filled("", "<table><tr><td>"),
    "attributes of one element": f"<p {_attributes(400_000, 'a{}=x')}>",
    "quoted attributes of one element": f"<p {_attributes(350_000, QUOTED)}>",
    "attributes of a meta tag": f"<meta {_attributes(400_000, 'a{}=x')}>",
    "one attribute of all": _filled('<meta property="og:', "x"),
    "classes": _filled('<p class="', "a "),
    "metas": _filled("", "<meta name=a content=b>"),
    "distinct metas": "".join(f"<meta name=a{n} content=b>" for n in range(150_000)),
    "identifiers": _filled("", "<a id=b>"),
    "titles": _filled("", "<title></title>"),
    "headings": _filled("", "<h1>"),
    "open quotes": _filled("", """<a b=' c="d" """),
    "equals signs": _filled("<a ", "= "),
    "white space": _filled("<a b=", " "),
    "less-than signs": _filled("", "<"),
    "comments that begin": _filled("", "<!--"),
    "declarations that begin": _filled("", "<!"),
    "scripts that never end": _filled("<script>", "</scrip"),
    "character references": _filled("<title>", "&amp"),
    "a number of millions of digits": _filled("<title>&#", "9"),
    "astral characters": _filled("<title>", "\U0001f600", SIZE // 4),
    "NUL": _filled("", "\0"),
}
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><entry>{}</entry></feed>"
XML: Mapping[str, str] = {
    "an unknown encoding": '<?xml version="1.0" encoding="x"?><feed></feed>',
    "elements": ATOM.format("<a/>" * 240_000),
    "nested elements": "<feed><entry>" + "<a>" * 320_000,
    "distinct elements": ATOM.format("".join(f"<a{n}/>" for n in range(90_000))),
    "attributes": ATOM.format(f"<a {_attributes(80_000, QUOTED)}/>"),
    "a long namespace": f'<feed xmlns:z="{"u" * 500_000}"><entry>{"<z:a/>" * 80_000}</entry></feed>',
    "long names": "<feed><entry>" + f"<{'p' * 5000}>" * 90 + "<a/>" * 100_000,
    "texts in pieces": ATOM.format("<title>" + "x<b/>" * 190_000 + "</title>"),
    "more than is read": ATOM.format("<a/>" * 1_200_000),
}
JSON: Mapping[str, str] = {
    "nested lists": "[" * 900_000,
    "lists": "[" + "[]," * 300_000 + "[]]",
    "objects": "[" + '{"":0},' * 140_000 + "0]",
    "a number of many digits": '{"stargazers_count": ' + "9" * 100_000 + "}",
    "a long description": '{"description": "' + "x" * 900_000 + '"}',
    "more than is read": "[" + "{}," * 1_600_000 + "{}]",
}
