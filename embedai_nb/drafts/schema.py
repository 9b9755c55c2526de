"""Generate the JSON Schema of a draft, by which editors that know YAML complete and check its keys.

``python -m embedai_nb.drafts.schema`` writes it, and the copy beside the sample issues; json-schema.org, draft 2020-12.
"""

from __future__ import annotations

import json
from typing import Any

from embedai_nb.drafts.fields import SCHEMA, SCHEMA_FILE
from embedai_nb.drafts.store import write_schema
from embedai_nb.model import Issue
from embedai_nb.workspace import layout


def schema() -> dict[str, Any]:
    """Generate the schema from the model."""
    made = Issue.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["properties"] = {"schema": {"const": SCHEMA, "title": "Schema"}} | made["properties"]
    made["required"] = ["schema", *made["required"]]
    for model in (made, *made["$defs"].values()):
        required = model.get("required", ())
        model["properties"] = {k: v if k in required else _or_nothing(v) for k, v in model["properties"].items()}
    return made


def _or_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """Allow null: a key without a value is as good as none."""
    if {"type": "null"} in value.get("anyOf", ()):
        return value
    kept = {name: value[name] for name in ("title", "description") if name in value}
    return {"anyOf": [{k: v for k, v in value.items() if k not in kept}, {"type": "null"}]} | kept


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8", newline="\n")
    write_schema(layout.PACKAGE.parent / "issues")
