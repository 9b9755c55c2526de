"""How templates are rendered."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

__all__ = ["templates"]

HERE = Path(__file__).parent


@cache
def templates(folder: Path = HERE / "templates") -> Environment:
    """The templates of a folder; what one inserts is escaped, in XML too, unless it is ``Markup``: sanitized already."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_BytecodeCache(folder),
    )


class _BytecodeCache(FileSystemBytecodeCache):
    """Keeps compiled templates where Python keeps compiled modules, and where it doesn't keep these, neither."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(Path(cache_from_source(str(folder / "template"))).parent), "%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a compiled template; one that can't be read is compiled anew."""
        with suppress(Exception):  # the pickle within a damaged file may raise any
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template, which only takes longer without; so a folder that can't be written does no harm."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
