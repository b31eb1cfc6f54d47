"""Checks of the built site: links, and how pages look to a browser, a phone and a screen reader.

Zensical checks the links of the sources (`--strict`). Here those of the finished HTML are checked, which has more of
them: navigation, the Python reference, outputs of chapters.
"""

import contextlib
import functools
import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

WIDTHS = (400, 1280)
LOOKED_AT_BY_AXE = ("index.html", "readme.html", "gallery.html", "course/06_lstm.html", "reference/index.html")
LARGEST_REFERENCE = "reference/halo.corpus.html"
"""The one page of a package that is looked at; all are made alike."""

BROWSERS = ("/usr/bin/chromium", "chromium", "google-chrome")
AXE = {"resultTypes": ["violations"]}
SEARCH = "perplexity"


class _Page(HTMLParser):
    """The anchors, links and images of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.images_without_text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects what an element has."""
        attributes = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := attributes.get(name))}
        self.links |= {value for name in ("href", "src") if (value := attributes.get(name))}
        if tag == "img" and not (attributes.get("alt") or "").strip():
            self.images_without_text.append(attributes.get("src") or "?")


def check_links(site: Path) -> list[str]:
    """Returns the links within a site that lead nowhere, and the images without alternative text."""
    pages = {file: _Page(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    problems = []
    for file, page in pages.items():
        where = file.relative_to(site)
        problems += [f"{where}: {image} has no alternative text" for image in page.images_without_text]
        if file.name == "404.html":
            continue  # its links are absolute, for wherever it is shown
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                problems.append(f"{where}: {link}: no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                problems.append(f"{where}: {link}: no such anchor")
    return problems


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    """Serves a folder on a free port of this machine; yields the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Writes nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def check_pages(site: Path) -> list[str]:
    """Returns what a browser finds wrong with the pages: requests that leave the site, and sideways scrolling.

    Some pages, light and dark, are also checked by axe-core for what hinders readers with a screen reader or weak
    eyes, and the search is tried. Without a Chromium nothing is checked, and a line says so.
    """
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("No Chromium found: the pages were not looked at in a browser")
        return []
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()

        def outside(route: Any) -> None:
            problems.append(f"{page.url.removeprefix(address)}: asks for {route.request.url}")
            route.abort()

        context.route(lambda url: not url.startswith((address, "data:", "blob:")), outside)
        page.on("pageerror", lambda error: problems.append(f"{page.url.removeprefix(address)}: {error}"))
        for file in sorted(
            {*site.rglob("*.html")} - {*site.glob("reference/halo.*.html"), site / "404.html"}
            | {site / LARGEST_REFERENCE}
        ):
            path = file.relative_to(site).as_posix()
            page.goto(f"{address}/{path}", wait_until="domcontentloaded")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                actual = page.evaluate("document.documentElement.scrollWidth")
                if actual > width:
                    problems.append(f"{path}: {actual} px wide on a screen of {width} px")
            if path in LOOKED_AT_BY_AXE:
                problems += [f"{path}: {problem}" for problem in _hindrances(page)]
        problems += _search(page, address)
        browser.close()
    return problems


def _hindrances(page: Any) -> list[str]:
    """Returns what axe-core finds serious or critical in light and dark mode."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # colours fade over
        for violation in Axe().run(page, options=AXE).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [f"{scheme}: {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
    page.emulate_media(color_scheme="light")
    return found


def _search(page: Any, address: str) -> list[str]:
    """Returns a problem if the search finds nothing for a word that many pages have."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    page.goto(f"{address}/index.html", wait_until="networkidle")  # before that nobody listens to the keys
    page.keyboard.press("Control+k")
    try:
        page.get_by_role("combobox", name="Search").wait_for(timeout=5_000)
        page.keyboard.type(SEARCH, delay=20)
        page.get_by_text(re.compile(r"[1-9]\d* results")).first.wait_for(timeout=30_000)
    except PlaywrightTimeout:
        return [f"the search finds nothing for {SEARCH!r}"]
    return []


def check_site(site: Path) -> list[str]:
    """Returns all problems of a built site, one line each."""
    return check_links(site) + check_pages(site)
