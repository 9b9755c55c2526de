"""A newsletter edited in JupyterLab, checked, executed headlessly and published as Markdown and HTML.

The names in ``__all__`` are the public API, explained in docs/api.md.  Each is imported when it is first used: importing
the package alone takes no time.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in typing, which takes longer to import than all of this
if TYPE_CHECKING:
    from embedai_nb.capture import Capturer, FetchError
    from embedai_nb.capture.metadata import Metadata, title_markdown
    from embedai_nb.catalogue import Catalogue
    from embedai_nb.catalogue.table import archive, warmups
    from embedai_nb.channels.service_draft import ServiceDraft
    from embedai_nb.channels.services import ServiceEntry
    from embedai_nb.checks import Context, Finding
    from embedai_nb.checks.findings import Replacement, RuleMatch
    from embedai_nb.checks.plugin_rules import Rule
    from embedai_nb.communities import Copy
    from embedai_nb.drafts import Draft, DraftStore, load_newsletter
    from embedai_nb.edition import Edition, load
    from embedai_nb.editor import edit
    from embedai_nb.errors import EmbedAIError
    from embedai_nb.markdown import reads, writes
    from embedai_nb.model import Issue, Item, Newsletter, Section, Warmup
    from embedai_nb.publish.issue import publish as publish_issue
    from embedai_nb.publish.outcome import Outcome
    from embedai_nb.site.build import build_site
    from embedai_nb.text.paths import entries
    from embedai_nb.workspace.locate import issues_folder

__version__ = "0.2.0"

__all__ = [
    "Capturer",
    "Catalogue",
    "Context",
    "Copy",
    "Draft",
    "DraftStore",
    "Edition",
    "EmbedAIError",
    "FetchError",
    "Finding",
    "Issue",
    "Item",
    "Metadata",
    "Newsletter",
    "Outcome",
    "Replacement",
    "Rule",
    "RuleMatch",
    "Section",
    "ServiceDraft",
    "ServiceEntry",
    "Warmup",
    "archive",
    "build_site",
    "edit",
    "entries",
    "issues_folder",
    "load",
    "load_newsletter",
    "publish_issue",
    "reads",
    "title_markdown",
    "warmups",
    "writes",
]

_DEFINED_AT = {
    "Capturer": "capture:Capturer",
    "Catalogue": "catalogue:Catalogue",
    "Context": "checks:Context",
    "Copy": "communities:Copy",
    "Draft": "drafts:Draft",
    "DraftStore": "drafts:DraftStore",
    "Edition": "edition:Edition",
    "EmbedAIError": "errors:EmbedAIError",
    "FetchError": "capture:FetchError",
    "Finding": "checks:Finding",
    "Issue": "model:Issue",
    "Item": "model:Item",
    "Metadata": "capture.metadata:Metadata",
    "Newsletter": "model:Newsletter",
    "Outcome": "publish.outcome:Outcome",
    "Replacement": "checks.findings:Replacement",
    "Rule": "checks.plugin_rules:Rule",
    "RuleMatch": "checks.findings:RuleMatch",
    "Section": "model:Section",
    "ServiceDraft": "channels.service_draft:ServiceDraft",
    "ServiceEntry": "channels.services:ServiceEntry",
    "Warmup": "model:Warmup",
    "archive": "catalogue.table:archive",
    "build_site": "site.build:build_site",
    "edit": "editor:edit",
    "entries": "text.paths:entries",
    "issues_folder": "workspace.locate:issues_folder",
    "load": "edition:load",
    "load_newsletter": "drafts:load_newsletter",
    "publish_issue": "publish.issue:publish",
    "reads": "markdown:reads",
    "title_markdown": "capture.metadata:title_markdown",
    "warmups": "catalogue.table:warmups",
    "writes": "markdown:writes",
}


def __getattr__(name: str) -> object:
    """Import a name of the API."""
    if name not in _DEFINED_AT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _DEFINED_AT[name].partition(":")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), attribute)
    return value


def __dir__() -> list[str]:
    """List the API for completion."""
    return sorted({*globals(), *__all__})
