"""The direction of imports, as CONTRIBUTING.md draws it."""

import ast
from pathlib import Path

import pytest

import halo

SOURCE = Path(halo.__file__).parent
COMMANDS = {"train", "evaluate", "generate", "prepare", "command", "sweep"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "text": {"config", "errors"},
    "models": {"text", "config", "errors"},
    "data": {"text", "config", "errors"},
    "reporting": {"text", "config", "errors"},
    "writing": set(),
    "allocator": set(),
    "data_report": {"writing", "text", "config", "errors"},
    "saved_files": {"text", "config", "errors"},
    "bundle": {"saved_files", "models", "text", "config", "errors"},
    "generation": {"models", "text", "config", "errors"},
    "evaluation": {"bundle", "saved_files", "generation", "reporting", "data", "models", "text", "config", "errors"},
    "training": {
        *("evaluation", "bundle", "saved_files", "generation", "data_report", "reporting", "writing", "allocator"),
        *("data", "models", "text", "config", "errors"),
    },
}

# Where a library may be imported; the others may be imported anywhere.
HOMES: dict[str, set[str]] = {
    "hydra": COMMANDS,
    "omegaconf": {*COMMANDS, "config", "saved_files"},
    "lightning": {"training", "data"},
    "torchmetrics": {"training"},
    "tokenizers": {"text"},
    "fsspec": {"text"},
    "rensa": {"text"},
    "safetensors": {"bundle"},
    "torch": {"models", "data", "bundle", "generation", "evaluation", "training"},
    "rich": {"reporting", "text"},
    "filelock": {"text", "training"},
    "matplotlib": {"training", "data_report"},
}


def room(file: Path) -> str:
    relative = file.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names |= {
                f"{node.module}.{alias.name}" if node.module == "halo" else str(node.module) for alias in node.names
            }
    return names


FILES = sorted(file for file in SOURCE.rglob("*.py") if room(file) != "__init__")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_go_one_way(file: Path) -> None:
    here = room(file)
    for name in imports(file):
        top, _, rest = name.partition(".")
        if top == "halo" and here not in COMMANDS:
            assert rest.split(".")[0] in {here, *MAY_IMPORT[here]}, f"{here} imports {name}"
        if top in HOMES:
            assert here in HOMES[top], f"{here} imports {name}"


def test_every_room_is_in_the_table() -> None:
    assert {room(file) for file in FILES} == {*MAY_IMPORT, *COMMANDS}
