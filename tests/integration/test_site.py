"""The site of the documentation, on a small scale: a course of two chapters, one of which fails, and a page."""

import json
from pathlib import Path

import markdown
import pytest

from docs.site.chapter_pages import write_chapter
from docs.site.chapters import ChapterError, run_chapters
from docs.site.checks import check_links, check_pages
from docs.site.pages import place_in_site, with_github_links, with_site_links

ROOT = Path(__file__).parents[2]

CHAPTER = """\
# %% [markdown]
# # 1. A chapter
#
# See [the next one](02_failing.py) and [text](../text.md#presets).

# %%
import os
import matplotlib.pyplot as plt
print("threads:", os.environ["OMP_NUM_THREADS"])

# %% alt="A line that rises from 1 to 2."
figure, axes = plt.subplots()
axes.plot([1, 2])

# %% [markdown]
# ### Exercise 1
#
# Add one and one.

# %% tags=["solution"]
assert 1 + 1 == 2, "arithmetic"

# %% [markdown] tags=["solution"]
# Two.
"""
FAILING = """\
# %% [markdown]
# # 2. A chapter that fails

# %%
perplexity = 91

# %%
assert perplexity < 90
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    (root / "docs" / "course").mkdir(parents=True)
    (root / "docs" / "course" / "01_a_chapter.py").write_text(CHAPTER, encoding="utf-8")
    (root / "docs" / "course" / "02_failing.py").write_text(FAILING, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def failure(repository: Path) -> str:
    """What is said of the two chapters; the first one's outputs are kept."""
    with pytest.raises(ChapterError) as raised:
        run_chapters(sorted(repository.glob("docs/course/*.py")), repository / "kept", root=repository)
    return str(raised.value)


def test_a_failed_assert_names_chapter_cell_and_line(failure: str) -> None:
    message, statement = failure.splitlines()
    assert message.endswith("docs/course/02_failing.py, cell 3 (line 7): AssertionError")
    assert statement == "  assert perplexity < 90"


def test_a_chapter_that_ran_becomes_a_page_and_a_notebook(repository: Path, failure: str) -> None:
    assert failure
    [executed] = run_chapters([repository / "docs/course/01_a_chapter.py"], repository / "kept", root=repository)
    assert executed.was_kept
    write_chapter(executed, repository / "site", root=repository)
    page = (repository / "site" / "01_a_chapter.md").read_text(encoding="utf-8")
    assert "[the next one](02_failing.md) and [text](../text.md#presets)" in page
    assert "threads: 1" in page
    assert "![A line that rises from 1 to 2.](./01_a_chapter_1.png)" in page
    assert (repository / "site" / "01_a_chapter_1.png").read_bytes().startswith(b"\x89PNG")
    html = markdown.markdown(page, extensions=["pymdownx.details", "pymdownx.superfences", "attr_list"])
    solution = html.partition("<summary>Solution</summary>")[2].partition("</details>")[0]
    assert "arithmetic" in solution
    assert "Two." in solution
    assert html.count("<details") == 1
    notebook = json.loads((repository / "site" / "01_a_chapter.ipynb").read_text(encoding="utf-8"))
    assert "Exercise 1" in str(notebook)
    assert "arithmetic" not in str(notebook)
    assert "Two." not in str(notebook)
    assert "semblance-halo/blob/main/docs/text.md#presets" in str(notebook)
    assert not any(cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.exhaustive
def test_a_changed_chapter_runs_again(repository: Path, failure: str) -> None:
    source = repository / "docs/course/01_a_chapter.py"
    assert failure
    source.write_text(CHAPTER.replace("1 + 1 == 2", "1 + 1 == 3"), encoding="utf-8")
    with pytest.raises(ChapterError, match=r"cell 5 \(line 20\): AssertionError: arithmetic"):
        run_chapters([source], repository / "kept", root=repository)


@pytest.mark.parametrize(
    ("link", "changed"),
    [
        ("[a](scoring.md#columns)", "[a](scoring.md#columns)"),
        ("[a](../README.md)", "[a](readme.md)"),
        ("[a](course/01_counting_words.py)", "[a](course/01_counting_words.md)"),
        (
            "[a](../src/halo/load.py)",
            "[a](https://github.com/semblance-halo/semblance-halo/blob/main/src/halo/load.py)",
        ),
        ("[a](../src)", "[a](https://github.com/semblance-halo/semblance-halo/tree/main/src)"),
        ("[a](https://example.org/b.md)", "[a](https://example.org/b.md)"),
        ("`[a](../README.md)`", "`[a](../README.md)`"),
        ("[a](#heading)", "[a](#heading)"),
    ],
)
def test_links_of_a_page_lead_to_the_same_in_the_site(link: str, changed: str) -> None:
    assert with_site_links(link, "docs/text.md") == changed


def test_links_of_a_page_from_elsewhere_and_of_a_download() -> None:
    assert with_site_links("![a](docs/growth.png)", "README.md") == "![a](growth.png)"
    assert with_github_links("[a](../text.md)", "docs/course/01.py").endswith("/blob/main/docs/text.md)")
    assert place_in_site("docs/site/build.py") is None


def test_broken_links_and_images_without_text_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top">A</h1><a href="#top">a</a><a href="b.html#there">b</a><a href="b.html#not">c</a>'
        '<a href="d.html">d</a><img src="b.html"><img src="b.html" alt="a picture">',
        encoding="utf-8",
    )
    (tmp_path / "b.html").write_text('<p id="there">b</p>', encoding="utf-8")
    assert check_links(tmp_path) == [
        "index.html: b.html has no alternative text",
        "index.html: b.html#not: no such anchor",
        "index.html: d.html: no such file",
    ]


def test_a_browser_finds_requests_and_sideways_scrolling(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><title>a</title><main><p style="width: 600px">wide</p>'
        '<p style="color: #ccc">faint</p><script src="https://example.org/a.js"></script></main></html>',
        encoding="utf-8",
    )
    problems = check_pages(tmp_path)
    if "No Chromium" in capsys.readouterr().out:
        pytest.skip("no browser")
    assert "/index.html: asks for https://example.org/a.js" in problems
    assert any(problem.startswith("index.html: 6") and "on a screen of 400 px" in problem for problem in problems)
    assert not any("on a screen of 1280 px" in problem for problem in problems)
    assert any("light: color-contrast" in problem for problem in problems)
    assert problems[-1] == "the search finds nothing for 'perplexity'"
