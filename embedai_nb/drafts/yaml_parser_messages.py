"""Messages of libyaml's scanner and parser (pyyaml.org/wiki/LibYAML), which speaks English, in the user's language."""

from __future__ import annotations

from embedai_nb.i18n import N_, Translatable, _

__all__ = ["parser_message"]

PROBLEMS = (
    N_("mapping values are not allowed in this context"),
    N_("mapping keys are not allowed in this context"),
    N_("block sequence entries are not allowed in this context"),
    N_("found unexpected end of stream"),
    N_("found unexpected document indicator"),
    N_("found unexpected ':'"),
    N_("found character that cannot start any token"),
    N_("found a tab character that violate indentation"),
    N_("found a tab character where an indentation space is expected"),
    N_("found unknown escape character"),
    N_("found invalid Unicode character escape code"),
    N_("found undefined tag handle"),
    N_("found duplicate %YAML directive"),
    N_("found incompatible YAML document"),
    N_("found unknown directive name"),
    N_("could not find expected ':'"),
    N_("could not find expected directive name"),
    N_("did not find expected key"),
    N_("did not find expected '-' indicator"),
    N_("did not find expected ',' or '}}'"),
    N_("did not find expected ',' or ']'"),
    N_("did not find expected node content"),
    N_("did not find expected <document start>"),
    N_("did not find expected alphabetic or numeric character"),
    N_("did not find expected comment or line break"),
    N_("did not find expected digit or line break"),
    N_("did not find expected hexdecimal number"),
    N_("did not find expected whitespace or line break"),
    N_("did not find expected '!'"),
    N_("did not find URI escaped octet"),
    N_("did not find expected tag URI"),
)
CONTEXTS = (
    N_("while parsing a block mapping"),
    N_("while parsing a block collection"),
    N_("while parsing a flow mapping"),
    N_("while parsing a flow sequence"),
    N_("while parsing a block node"),
    N_("while parsing a flow node"),
    N_("while parsing a node"),
    N_("while parsing a quoted scalar"),
    N_("while parsing a tag"),
    N_("while scanning a quoted scalar"),
    N_("while scanning a plain scalar"),
    N_("while scanning a block scalar"),
    N_("while scanning a simple key"),
    N_("while scanning a directive"),
    N_("while scanning a %YAML directive"),
    N_("while scanning a %TAG directive"),
    N_("while scanning a tag"),
    N_("while scanning an anchor"),
    N_("while scanning an alias"),
    N_("while scanning for the next token"),
)


def parser_message(said: str) -> Translatable:
    """Translate a message; one that is not known here stays English."""
    return _(said.replace("{", "{{").replace("}", "}}"))
