"""Builds the site of the documentation: `make docs`, or `python -m docs.site.build`.

In order: the pages are copied to build/docs with links that work in the site, the chapters of the course are run and
written as pages, the pages of the Python reference are written, Zensical makes HTML of it all in build/site, and the
result is checked. Nothing is fetched from the network, neither now nor by a reader's browser.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from docs.site import gallery
from docs.site.chapter_pages import write_chapter
from docs.site.chapters import ChapterError, run_chapters, without_colours
from docs.site.checks import check_site
from docs.site.pages import ROOT, copy_pages, is_chapter
from docs.site.reference import write_reference

BUILD = ROOT / "build"


class SiteError(Exception):
    """Pages that Zensical could not build, or not without warnings."""


def main() -> int:
    """Builds the site; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.site.build", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--jobs", type=int, default=2, help="chapters that run at the same time (default: 2)")
    parser.add_argument("--skip-course", action="store_true", help="leave the chapters out, to see other pages sooner")
    options = parser.parse_args()
    try:
        build(jobs=options.jobs, with_course=not options.skip_course)
    except (ChapterError, SiteError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    problems = check_site(BUILD / "site")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if not problems:
        print("Site: build/site/index.html; make docs-serve shows it in a browser")
    return 1 if problems else 0


def build(*, jobs: int, with_course: bool) -> None:
    """Writes build/site.

    Raises:
        ChapterError: A chapter failed.
        SiteError: Zensical found broken links or other problems.
    """
    pages = BUILD / "docs"
    copy_pages(pages)
    for name in ("site.css", "site.js"):
        shutil.copyfile(ROOT / "docs" / "site" / name, pages / name)
    chapters = sorted(file for file in (ROOT / "docs" / "course").glob("*.py") if is_chapter(file))
    if with_course:
        print(f"Course: {len(chapters)} chapters", flush=True)
        for executed in run_chapters(chapters, BUILD / "course", jobs=jobs):
            write_chapter(executed, pages / "course")
    else:
        for chapter in chapters:
            (pages / "course" / f"{chapter.stem}.md").write_text(f"# {chapter.stem}\n\nLeft out.\n", encoding="utf-8")
    (pages / "gallery.md").write_text(gallery.page(), encoding="utf-8")
    write_reference(pages / "reference")
    began = time.perf_counter()
    make_html(ROOT)
    print(f"Pages: {len([*pages.rglob('*.md')])}, in {time.perf_counter() - began:.0f} s", flush=True)


def make_html(folder: Path) -> None:
    """Runs Zensical on the zensical.toml of a folder.

    Raises:
        SiteError: It found broken links or anchors, or other problems, which the message quotes.
    """
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, cwd=folder, check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        printed = without_colours(done.stdout + done.stderr).partition("Traceback")[0]
        raise SiteError(f"zensical build --strict:\n{printed.strip()}")


if __name__ == "__main__":
    sys.exit(main())
