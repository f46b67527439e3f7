"""The scenarios that exist: one file each in `scenarios/`, told by name."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "scenarios"


@dataclass(frozen=True)
class Entry:
    name: str
    #: The first line of the file's text.
    summary: str
    bound_seconds: float
    #: Runs only when it is asked for.
    is_only_by_name: bool


def entry(path: Path) -> Entry:
    """Read and not imported: the host needs none of what a scenario imports."""
    tree = ast.parse(path.read_text())
    values = {
        target.id: node.value.value
        for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets if isinstance(target, ast.Name)
    }
    text = (ast.get_docstring(tree) or "").splitlines() or [""]
    return Entry(path.stem, text[0], float(values.get("BOUND_SECONDS", 60)), bool(values.get("ONLY_BY_NAME", False)))


def entries() -> list[Entry]:
    return [entry(path) for path in sorted(FOLDER.glob("*.py")) if not path.name.startswith("_")]


def only_by_name() -> list[Entry]:
    return [each for each in entries() if each.is_only_by_name]


def chosen(names: list[str]) -> list[Entry]:
    known = {each.name: each for each in entries()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"script/lab: there is no scenario {', '.join(unknown)}: {', '.join(known)}")
    return [known[name] for name in names] or [each for each in known.values() if not each.is_only_by_name]
