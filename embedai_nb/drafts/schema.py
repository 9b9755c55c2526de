"""The JSON Schema of a draft, which lets editors that know YAML complete and check its keys.

``python -m embedai_nb.drafts.schema`` writes it; json-schema.org, draft 2020-12.
"""

from __future__ import annotations

import json
from typing import Any

from embedai_nb.drafts.fields import SCHEMA, SCHEMA_FILE
from embedai_nb.model import Issue


def schema() -> dict[str, Any]:
    """The schema of the keys that this program reads."""
    made = Issue.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["properties"] = {"schema": {"const": SCHEMA, "title": "Schema"}} | made["properties"]
    made["required"] = ["schema", *made["required"]]
    for model in (made, *made["$defs"].values()):
        required = model.get("required", ())
        model["properties"] = {k: v if k in required else _or_nothing(v) for k, v in model["properties"].items()}
    return made


def _or_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """A key without a value is as good as none."""
    if {"type": "null"} in value.get("anyOf", ()):
        return value
    kept = {name: value[name] for name in ("title", "description") if name in value}
    return {"anyOf": [{k: v for k, v in value.items() if k not in kept}, {"type": "null"}]} | kept


def text() -> str:
    """The file."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
