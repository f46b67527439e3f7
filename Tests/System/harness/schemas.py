"""The published schemas, resolved from the folder that they are published in and from nowhere else."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from .daemon import ROOT

FOLDER = ROOT / "docs" / "schemas"


def documents() -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.schema.json"))}


@cache
def validators() -> dict[str, Draft202012Validator]:
    found = documents()
    registry: Registry[Any] = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in found.values())
    return {
        name.removesuffix(".schema.json"): Draft202012Validator(
            document, registry=registry, format_checker=FormatChecker())
        for name, document in found.items() if not name.startswith("common")
    }


def problems(message: dict[str, Any]) -> list[str]:
    """What the schema named by the message says against it."""
    name = str(message.get("schema", "")).removeprefix("homeward/1/")
    validator = validators().get(name)
    if validator is None:
        return [f"no schema for {message.get('schema')!r}"]
    return [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(message)]


#: The schemas that may appear on a topic, by its parts below the gateway's root.
TOPICS: list[tuple[tuple[str, ...], str]] = [
    (("status",), "status"),
    (("health",), "health"),
    (("gap",), "gap"),
    (("response",), "response"),
    (("doctor",), "doctor"),
    (("device", "+"), "device"),
    (("patient", "+", "reading", "+"), "reading"),
    (("patient", "+", "waveform", "+"), "waveform"),
    (("patient", "+", "session", "+"), "session"),
    (("patient", "+", "alert", "+"), "alert"),
    (("patient", "+", "alarm", "+"), "alarm"),
    (("unassigned", "reading", "+"), "reading"),
    (("unassigned", "waveform", "+"), "waveform"),
    (("unassigned", "session", "+"), "session"),
    (("unassigned", "alert", "+"), "alert"),
    (("unassigned", "alarm", "+"), "alarm"),
]


def schema_of(topic: str) -> str | None:
    parts = topic.split("/")
    for pattern, schema in TOPICS:
        if len(pattern) == len(parts) and all(p in ("+", part) for p, part in zip(pattern, parts)):
            return schema
    return None
