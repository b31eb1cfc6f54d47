"""What a visitor of the repository relies on: links that lead somewhere, pinned actions, one version, one address."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.site.pages import PAGES_OUTSIDE_DOCS, place_in_site

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DOCS = ROOT / "docs"
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


def named_in(nav: Any) -> set[str]:
    """Returns the pages of the site's navigation."""
    if isinstance(nav, str):
        return {nav}
    return {page for part in (nav.values() if isinstance(nav, dict) else nav) for page in named_in(part)}


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    nav = named_in(tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"])
    sources = [ROOT / name for name in PAGES_OUTSIDE_DOCS] + [*(ROOT / "docs").rglob("*.md")]
    sources += [*(ROOT / "docs" / "course").glob("*.py")]
    places = {place_in_site(file.relative_to(ROOT).as_posix()) for file in sources if file.exists()}
    assert places - nav == set(), "not in nav of zensical.toml; make docs says which page of nav does not exist"


def test_images_have_a_text_for_who_does_not_see_them() -> None:
    for page in PAGES:
        for text in re.findall(r"!\[([^]]*)\]\(", without_code(page.read_text(encoding="utf-8"))):
            assert len(text) >= 20, f"{page.relative_to(ROOT)}: ![{text}]"


def test_every_figure_of_the_documentation_names_a_command_that_makes_it() -> None:
    table = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8").partition("## Figures")[2]
    commands = dict(re.findall(r"^\| `docs/([^`]+)` \| `([^`]+)`", table, flags=re.MULTILINE))
    images = {file.relative_to(ROOT / "docs").as_posix() for kind in ("png", "svg") for file in DOCS.rglob(f"*.{kind}")}
    assert commands.keys() == images
    for command in commands.values():
        program, *words = command.split()
        if program == "make":
            script = ROOT / "benchmarks" / f"{words[0].removeprefix('bench-').replace('-', '_')}.py"
            assert script.exists() or f"\n{words[0]}:" in (ROOT / "Makefile").read_text(encoding="utf-8"), command
        else:
            module = words[1].replace(".", "/") if words[0] == "-m" else words[0].removesuffix(".py")
            assert program == "python", command
            assert any((ROOT / folder / f"{module}.py").exists() for folder in (".", "src")), command


def test_version_and_address_are_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project()["version"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## ({re.escape(project()['version'])}|Unreleased)", changes, flags=re.MULTILINE)
    assert all(url.startswith(ADDRESS) for url in project()["urls"].values())
    assert citation.get("repository-code", ADDRESS) == ADDRESS
