"""A review as plain data for programs."""

from __future__ import annotations

import json
from typing import Any

from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.review import describe
from embedai_nb.review.assemble import Review, ReviewPart

__all__ = ["data", "render"]


def data(review: Review) -> dict[str, Any]:
    """The verdict, the figures and every part, as values that JSON knows."""
    return {
        "date": str(review.date),
        "title": review.title,
        "verdict": review.verdict,
        "says": describe.verdict(review),
        **{style.plural: review.count(severity) for severity, style in SEVERITIES.items()},
        "sections": dict(review.sections),
        "warmups": review.warmups,
        "characters": review.characters,
        "minutes": review.minutes,
        "wechat": review.budget.characters if review.budget else None,
        "links": {url: _status(status) for url, status in review.links.items()},
        "parts": [_part(part) for part in review.parts],
        "removed": [{"section": change.section, "title": change.title} for change in review.removed],
    }


def render(review: Review) -> str:
    """The same as text."""
    return json.dumps(data(review), ensure_ascii=False, indent=1) + "\n"


def _part(part: ReviewPart) -> dict[str, Any]:
    return {
        "path": list(part.path),
        "name": part.name,
        "code": part.code,
        "title": part.title,
        "line": part.line,
        "findings": [finding.model_dump(mode="json") for finding in part.findings],
        "changes": [
            {"kind": change.kind, "edits": [edit._asdict() for edit in change.edits]} for change in part.changes
        ],
        "earlier": [
            {"date": str(e.date), "section": e.section, "title": e.title, "url": e.url, "reason": e.reason}
            for e in part.earlier
        ],
        "note": part.note,
        "ready": part.ready,
        "wechat": part.characters,
    }


def _status(status: Any) -> dict[str, str] | None:
    return status and {"state": status.state, "why": status.reason, "date": str(status.date)}
