"""Read credentials from the environment: they are neither in files nor in arguments, which others can see."""

from __future__ import annotations

from collections.abc import Mapping

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

__all__ = ["required"]


def required(environment: Mapping[str, str], name: str) -> str:
    """Read a variable that has to be set.

    Raises:
        UsageError: it is not; names where its value is found.
    """
    value = environment.get(name, "").strip()
    if not value:
        remedy = _("your account there tells it; it is never written to a file")
        raise UsageError(_("{name} is not in the environment", name=name), remedy=remedy)
    if not (value.isascii() and value.isprintable()):
        raise UsageError(_("{name} has characters that no token has", name=name), remedy=_("copy it anew"))
    return value
