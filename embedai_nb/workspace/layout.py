"""Name every file and folder of an issues folder, relative to it; and find the notebooks that come with the program."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "ARCHIVE",
    "CACHE",
    "CARDS",
    "CATALOGUE",
    "DECISIONS",
    "DRAFTS",
    "EDIT",
    "FETCHED",
    "IMAGES",
    "INBOX",
    "INBOX_ATTRIBUTES",
    "INBOX_ENTRIES",
    "ISSUES",
    "JOURNAL",
    "LINKS",
    "NEWSLETTER",
    "NEWSLETTER_SCHEMA",
    "NOTEBOOK",
    "PACKAGE",
    "REVIEW",
    "REVISIONS",
    "SCHEMAS",
    "SENT",
    "SENT_ATTRIBUTES",
    "SITE",
    "SITE_CACHE",
    "STAGED",
    "STAMPS",
    "SURVEY",
    "THEME",
    "TOOLS",
    "TRENDS",
    "WECHAT_UPLOADS",
    "draft",
    "failed",
    "findings",
    "image",
    "kept_drafts",
    "last_good_draft",
    "lock",
    "markdown",
    "notebook",
    "page",
    "resumption",
    "review",
    "schema",
    "stamp",
    "tools",
    "wechat",
]

PACKAGE = Path(__file__).parents[1]

ISSUES = "issues"
"""The issues folder itself, unless another is named."""

NEWSLETTER = "newsletter.yaml"
SCHEMAS = ".schema"
"""The JSON Schemas of drafts and newsletter.yaml, which their first lines name: in the folder, so the same for everybody."""
NEWSLETTER_SCHEMA = f"{SCHEMAS}/newsletter.json"
DRAFTS = "drafts"
REVIEW = "review"
ARCHIVE = "archive"
REVISIONS = f"{ARCHIVE}/revisions.json"
"""When each published issue was last corrected; part of the archive, not of the cache."""

INBOX = "inbox"
"""The folder of what was decided about candidates; and, where newsletter.yaml says so, of notes with links."""
DECISIONS = f"{INBOX}/decided.txt"
INBOX_ATTRIBUTES = f"{INBOX}/.gitattributes"
TRENDS = f"{REVIEW}/trends.ipynb"
"""The executed notebook about the whole archive."""
SENT = "sent/sent.txt"
"""What was sent, to a test address or to readers, and where drafts of it lie."""
SENT_ATTRIBUTES = "sent/.gitattributes"
IMAGES = "images"
"""Pictures that issues show; the archive has copies of them."""

CARDS = f"{ARCHIVE}/cards"
"""Pictures of issues for links that are shared: drawn once, part of the archive."""
THEME = "theme"
"""The folder of what the website looks like: style sheet, templates, pictures, fonts."""
NOTEBOOK = "notebooks/issue.ipynb"
"""A copy of the notebook to be changed, beside the issues folder; see `embedai_nb.workspace.locate`."""

SITE = "site"
"""The website, unless another folder is named for it."""

CACHE = ".cache"
"""The folder of what can be generated again, and of copies of drafts."""
CATALOGUE = f"{CACHE}/catalogue.sqlite"
EDIT = f"{CACHE}/edit"
"""The folder that JupyterLab is started on; nothing is in it."""
FETCHED = f"{CACHE}/fetched"
INBOX_ENTRIES = f"{CACHE}/inbox.json"
JOURNAL = f"{CACHE}/journal"
LINKS = f"{CACHE}/links.json"
SITE_CACHE = f"{CACHE}/site.sqlite"
STAGED = f"{CACHE}/staged"
STAMPS = f"{CACHE}/stamps"
SURVEY = f"{CACHE}/survey.json"
TOOLS = f"{CACHE}/tools"
WECHAT_UPLOADS = f"{CACHE}/wechat.json"


def draft(date: str) -> str:
    """The draft: what the editor wrote."""
    return f"{DRAFTS}/{date}.yaml"


def schema(version: int | str) -> str:
    """The JSON Schema of drafts."""
    return f"{SCHEMAS}/draft-{version}.json"


def image(name: str) -> str:
    """An image that texts show; the archive has a copy at the same place, so its address holds in both."""
    return f"images/{name}"


def review(date: str) -> str:
    """The executed notebook, for reviewers."""
    return f"{REVIEW}/{date}.ipynb"


def failed(date: str) -> str:
    """The notebook of a run that failed, kept for reading until the next success."""
    return f"{REVIEW}/{date}.failed.ipynb"


def markdown(date: str) -> str:
    """The published Markdown."""
    return f"{ARCHIVE}/{date}.md"


def page(date: str) -> str:
    """The published page."""
    return f"{ARCHIVE}/{date}.html"


def wechat(date: str) -> str:
    """The page to copy the article for WeChat from."""
    return f"{ARCHIVE}/{date}.wechat.html"


def findings(date: str) -> str:
    """The findings of the last check of an issue, and what they come from."""
    return f"{CACHE}/findings/{date}.json"


def stamp(date: str) -> str:
    """The record of publication: what the last run read and wrote."""
    return f"{STAMPS}/{date}.json"


def tools(digest: str) -> str:
    """The digests of the parts that issues were made with, by the digest of all."""
    return f"{TOOLS}/{digest[:16]}.json"


def lock(name: str) -> str:
    """A lock file."""
    return f"{CACHE}/locks/{name}"


def kept_drafts() -> str:
    """The folder of drafts set aside in conflicts."""
    return f"{CACHE}/kept"


def last_good_draft(date: str) -> str:
    """The last version of a draft that could be read."""
    return f"{CACHE}/good/{date}.yaml"


def resumption(date: str) -> str:
    """What a new kernel needs to know of the last one."""
    return f"{CACHE}/good/{date}.json"


def notebook(name: str = "issue") -> Path:
    """The path of a notebook that comes with the program: a wheel holds it in the package, a checkout beside it."""
    inside = PACKAGE / "notebooks" / f"{name}.ipynb"
    return inside if inside.is_file() else PACKAGE.parent / "notebooks" / f"{name}.ipynb"
