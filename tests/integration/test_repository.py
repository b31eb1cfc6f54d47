"""What a visitor of the repository relies on: links that lead somewhere, pinned actions, one version, one address."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ADDRESS = "https://github.com/semblance-halo/semblance-halo"


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def without_code(markdown: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", markdown, flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives to the headings of a page, and those that the page sets itself."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ +(.*?) *#*$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.M)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain} | {
        *re.findall(r'<a (?:id|name)="([^"]+)"', text)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    text = without_code(page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^()\s]+(?:\([^()\s]*\))?)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue  # external: .github/workflows/links.yml
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target}: no such file"
        assert file.is_relative_to(ROOT), f"{target}: outside the repository"
        assert not anchor or anchor in anchors(file), f"{target}: no such heading"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_pin_actions_and_may_only_read(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    for action, version in re.findall(r"uses: ([^@\s]+)@(.*)", text):
        assert re.fullmatch(r"[0-9a-f]{40} # v[\d.]+", version), f"{action}@{version}"
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_workflows_run_what_there_is() -> None:
    targets = {*re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)}
    for workflow in WORKFLOWS:
        for job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values():
            for run in (step["run"] for step in job["steps"] if "run" in step):
                words = run.split()
                assert words[0] != "make" or words[-1] in targets, run
                assert not run.startswith(".ci/") or (ROOT / words[0]).is_file(), run


def test_hooks_of_pre_commit_use_the_environment() -> None:
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    for hook in (hook for repo in settings["repos"] for hook in repo["hooks"]):
        assert hook["language"] == "system"
        assert hook["entry"].startswith((".venv/bin/", "make ")), hook["entry"]


def test_version_and_address_are_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project()["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## ({re.escape(project()['version'])}|Unreleased)", changes, flags=re.MULTILINE)
    assert all(url.startswith(ADDRESS) for url in project()["urls"].values())
    assert citation.get("repository-code", ADDRESS) == ADDRESS
