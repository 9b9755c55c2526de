"""The archive as tables: all items and all warm-ups of all issues, as pandas data frames.

The only module of the catalogue that needs pandas, which takes longer to import than most commands take.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from embedai_nb.catalogue import Catalogue
from embedai_nb.catalogue.facts import KINDS
from embedai_nb.catalogue.queries import MAX_ITEMS
from embedai_nb.drafts import load_newsletter
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import issues_folder

__all__ = ["ITEM_COLUMNS", "WARMUP_COLUMNS", "archive", "warmups"]

ITEM_COLUMNS = {
    "date": "datetime64[s]",  # of the issue
    "number": "int32",  # of the issue, from 1 for the oldest
    "section": "category",
    "position": "int32",  # within the section, from 1
    "title": "str",  # with owner/name and a colon before it, where there is a repository
    "source": "str",  # who published it; empty if not said
    "url": "str",  # as it is published
    "address": "str",  # canonical: equal for all URLs of one page
    "domain": "str",  # of the address
    "kind": "category",  # paper, repository, article (of a WeChat account) or page
    "arxiv": "str",  # id, without version
    "repository": "str",  # owner/name
    "tags": "object",  # list of str
    "characters": "int32",  # of its text
    "labels": "object",  # list of str, in their order
}
"""Columns of `archive`, and their dtypes."""

WARMUP_COLUMNS = {
    "date": "datetime64[s]",
    "number": "int32",
    "position": "int32",
    "company": "str",  # as it is written; empty if it names none
    "text": "str",
    "url": "str",
}
"""Columns of `warmups`, and their dtypes."""


def archive(folder: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """All items of all issues, one row an item, the oldest first; docs/trends.md documents the columns.

    Args:
        folder: the issues folder; by default the one that `issues_folder` finds.

    Raises:
        UsageError: there is no newsletter.yaml in it.
        EmbedAIError: its catalogue can neither be opened nor built.
    """
    names = ["date", *(name for name in ITEM_COLUMNS if name not in {"date", "number", "domain"})]
    table, numbers = _read(folder, "items", names)
    table["number"] = numbers
    table["domain"] = table["address"].str.split("/", n=3).str[2].fillna("")
    for name in ("tags", "labels"):
        lists = {text: json.loads(text) for text in table[name].unique()}
        table[name] = [list(lists[text]) for text in table[name]]
    table["kind"] = pd.Categorical(table["kind"], categories=list(KINDS))
    return _typed(table, ITEM_COLUMNS)


def warmups(folder: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """All warm-ups of all issues, as `archive` gives the items."""
    table, numbers = _read(folder, "warmups", ["date", "position", "company", "text", "url"])
    table["number"] = numbers
    table["position"] = table["position"] % MAX_ITEMS + 1
    return _typed(table, WARMUP_COLUMNS)


def _read(
    folder: str | os.PathLike[str] | None, kind: Literal["items", "warmups"], names: Sequence[str]
) -> tuple[pd.DataFrame, Any]:
    """Rows of the catalogue, whose first column is an id, and the number of the issue of each."""
    path = issues_folder(folder)
    with Catalogue(path, load_newsletter(path / layout.NEWSLETTER)) as catalogue:
        rows, days = catalogue.table(kind)
    table = pd.DataFrame(rows, columns=list(names))
    ordinals = table["date"].astype("int64") // MAX_ITEMS
    numbers = {day.toordinal(): number for number, day in enumerate(days, 1)}
    table["date"] = pd.to_datetime(ordinals - EPOCH, unit="D").astype("datetime64[s]")
    return table, ordinals.map(numbers)


EPOCH = datetime.date(1970, 1, 1).toordinal()


def _typed(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return table[list(columns)].astype(columns)
