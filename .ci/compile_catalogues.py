"""Compile the message catalogues (.po → .mo) while a wheel or an editable install is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = "embedai_nb/i18n/locale"


class CompileCatalogues(BuildHookInterface[Any]):
    """Hatchling's hook, named in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile each catalogue beside its source; git doesn't know the result, the wheel has it."""
        for source in sorted(Path(self.root, LOCALE).rglob("*.po")):
            with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
                write_mo(mo, read_po(po))
        build_data["artifacts"].append(f"{LOCALE}/**/*.mo")
