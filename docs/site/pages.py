"""Copies the pages of the documentation to where the site is built, with links that work in the site.

A page is written for GitHub: its links are paths within the repository. In the site, a link to a page of the site
stays a link to that page, and a link to any other file of the repository becomes one to GitHub.
"""

import os
import posixpath
import re
import shutil
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = "https://github.com/semblance-halo/semblance-halo"

PAGES_OUTSIDE_DOCS = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "GOVERNANCE.md": "governance.md",
    "CODE_OF_CONDUCT.md": "code_of_conduct.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "src/halo/corpora/README.md": "corpus.md",
}
"""Pages of the site that stand elsewhere in the repository, and their names in the site."""

NOT_COPIED = {"site", "__init__.py", "__pycache__"}
CODE = re.compile(r"(^[ \t]*```.*?^[ \t]*```|`+[^`\n]+`+)", flags=re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(\]\()([^()\s]+)(\))")


def place_in_site(path: str) -> str | None:
    """Returns where a file of the repository is in the site, or None where the site does not have it.

    Args:
        path: Relative to the root of the repository, with `/`.

    Example:
        >>> place_in_site("docs/text.md"), place_in_site("docs/course/06_lstm.py"), place_in_site("CHANGELOG.md")
        ('text.md', 'course/06_lstm.md', 'changelog.md')
        >>> place_in_site("Makefile")
    """
    if path in PAGES_OUTSIDE_DOCS:
        return PAGES_OUTSIDE_DOCS[path]
    inside = path.removeprefix("docs/")
    if inside == path or inside.split("/")[0] in NOT_COPIED:
        return None
    return re.sub(r"^(course/\w+)\.py$", r"\1.md", inside)


def with_site_links(text: str, source: str) -> str:
    """Returns Markdown with its links changed from paths of the repository to those of the site.

    Args:
        text: Markdown. Code in it is left as it is, and so is a link that begins with `./`, which is one of the site.
        source: The file that holds it, relative to the root of the repository.

    Example:
        >>> with_site_links("[rules](../CONTRIBUTING.md#rules), [targets](../Makefile)", "docs/text.md")
        '[rules](contributing.md#rules), [targets](https://github.com/semblance-halo/semblance-halo/blob/main/Makefile)'
    """
    here = place_in_site(source)
    assert here is not None, source

    def in_site(target: str) -> str | None:
        place = place_in_site(target)
        if place is None or (ROOT / target).is_dir():
            return None
        return posixpath.relpath(place, posixpath.dirname(here) or ".")

    return _with_links(text, source, in_site)


def with_github_links(text: str, source: str) -> str:
    """Returns Markdown with its links changed from paths of the repository to addresses, for files that leave it."""
    return _with_links(text, source, lambda target: None)


def _with_links(text: str, source: str, in_site: Callable[[str], str | None]) -> str:
    def changed(link: re.Match[str]) -> str:
        path, _, anchor = link[2].partition("#")
        if re.match(r"[a-z]+:", link[2]) or not path or path.startswith("./"):
            return link[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        kind = "tree" if (ROOT / target).is_dir() else "blob"
        changed_path = in_site(target) or f"{ADDRESS}/{kind}/main/{target}"
        return f"{link[1]}{changed_path}{'#' if anchor else ''}{anchor}{link[3]}"

    parts = CODE.split(text)  # text, code, text, ...
    return "".join(part if number % 2 else LINK.sub(changed, part) for number, part in enumerate(parts))


def copy_pages(folder: Path) -> list[str]:
    """Copies all pages, and the images and files beside them, into a new folder.

    Chapters of the course are left out: they are run first (`docs.site.chapters`).

    Returns:
        The pages, as paths within the folder.
    """
    if folder.exists():
        shutil.rmtree(folder)
    sources = [Path(source) for source in PAGES_OUTSIDE_DOCS if (ROOT / source).exists()]
    for file in sorted((ROOT / "docs").rglob("*")):
        path = file.relative_to(ROOT)
        if file.is_file() and not NOT_COPIED & {*path.parts} and not is_chapter(file):
            sources.append(path)
    pages = []
    for path in sources:
        place = place_in_site(path.as_posix())
        assert place is not None
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = (ROOT / path).read_text(encoding="utf-8")
            target.write_text(with_site_links(text, path.as_posix()), encoding="utf-8")
            pages.append(place)
        else:
            shutil.copyfile(ROOT / path, target)
    return pages


def is_chapter(file: Path) -> bool:
    """Whether a file is a chapter of the course."""
    return file.suffix == ".py" and file.parent.name == "course"


def relative(file: Path) -> str:
    """Returns the path of a file from the current folder, for messages."""
    return os.path.relpath(file)
