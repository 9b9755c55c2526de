"""A file of the site: its path, what it is made of, and how it is rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["SiteFile", "WriteFile", "fingerprint"]


@dataclass(frozen=True)
class SiteFile:
    """A file, rendered when it is asked for."""

    path: str
    """Within the site."""
    made_of: tuple[object, ...]
    """All values that its content depends on, besides the program; `repr` tells any two of them apart."""
    render: Callable[[], str | bytes]


WriteFile: TypeAlias = Callable[[SiteFile], None]
"""Takes a file of a site."""


def fingerprint(*values: object) -> str:
    """Digest of values whose `repr` is the same for the same content, in any process."""
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
