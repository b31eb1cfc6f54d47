"""Tests mirror the source: `tests/A/B/test_C.py` tests `src/halo/A/B/C.py`, and every module has its test file."""

from pathlib import Path

import pytest

import halo

SOURCE = Path(halo.__file__).parent
TESTS = Path(__file__).parents[1]

OUTSIDE = {"integration", "support"}
"""Folders of tests/ that mirror no package: whole-program tests, and code that tests share."""

COMMANDS = {file.relative_to(SOURCE) for file in SOURCE.glob("*.py")}
"""The thin commands; tests/integration/test_commands.py runs them."""

MODULES = {file.relative_to(SOURCE) for file in SOURCE.rglob("*.py") if not file.name.startswith("__")} - COMMANDS
TEST_FILES = {
    file.relative_to(TESTS)
    for file in TESTS.rglob("test_*.py")
    if file.relative_to(TESTS).parts[0] not in OUTSIDE and file.parent != TESTS
}


@pytest.mark.parametrize("file", sorted(TEST_FILES), ids=str)
def test_every_test_file_has_its_module(file: Path) -> None:
    module = file.with_name(file.name.removeprefix("test_"))
    assert module in MODULES, f"tests/{file} mirrors no module: there is no src/halo/{module}"


def test_every_module_has_its_test_file() -> None:
    missing = {module.as_posix() for module in MODULES if module.with_name(f"test_{module.name}") not in TEST_FILES}
    assert missing == set(), "modules without a test file"
