"""Generate the JSON Schemas of drafts and newsletter.yaml, by which editors that know YAML complete and check their keys.

``python -m embedai_nb.drafts.schema`` writes them, and the copies beside the sample issues; json-schema.org, draft 2020-12.
"""

from __future__ import annotations

import json
from typing import Any

from embedai_nb.drafts.fields import NEWSLETTER_SCHEMA_FILE, SCHEMA, SCHEMA_FILE
from embedai_nb.drafts.store import write_schemas
from embedai_nb.model import INBOX_KINDS, Issue, Newsletter
from embedai_nb.workspace import layout


def schema() -> dict[str, Any]:
    """Generate the schema of drafts from the model."""
    made = _admitting_nothing(Issue.model_json_schema())
    made["properties"] = {"schema": {"const": SCHEMA, "title": "Schema"}} | made["properties"]
    made["required"] = ["schema", *made["required"]]
    return made


def newsletter_schema() -> dict[str, Any]:
    """Generate the schema of newsletter.yaml from the model."""
    made = Newsletter.model_json_schema()
    made["required"] = ["name"]  # words and marks that are left out are those of the language
    for part in ("Marks", "LeadStyle"):
        made["$defs"][part].pop("required", None)
    made["$defs"]["InboxSource"]["oneOf"] = [{"required": [kind]} for kind in INBOX_KINDS]
    return _admitting_nothing(made)


def _admitting_nothing(made: dict[str, Any]) -> dict[str, Any]:
    """Allow null wherever a key may be left out."""
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for model in (made, *made["$defs"].values()):
        required = model.get("required", ())
        model["properties"] = {k: v if k in required else _or_nothing(v) for k, v in model["properties"].items()}
    return made


def _or_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """Allow null: a key without a value is as good as none."""
    if {"type": "null"} in value.get("anyOf", ()):
        return value
    if "type" in value and "enum" not in value:
        return value | {"type": [value["type"], "null"]}
    kept = {name: value[name] for name in ("title", "description") if name in value}
    return {"anyOf": [{k: v for k, v in value.items() if k not in kept}, {"type": "null"}]} | kept


def text(made: dict[str, Any]) -> str:
    """The content of a schema's file."""
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for path, made in ((SCHEMA_FILE, schema()), (NEWSLETTER_SCHEMA_FILE, newsletter_schema())):
        path.write_text(text(made), encoding="utf-8", newline="\n")
    write_schemas(layout.PACKAGE.parent / "issues")
