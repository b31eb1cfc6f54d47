"""Takes the screenshots of the documentation: `python -m docs.site.screenshots RUN`.

RUN is the folder of a run of the default recipe. The page of `halo serve` is used as a reader would, and six small runs
are trained and compared for the page of `halo compare`. Takes about two minutes.
"""

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.site.checks import BROWSERS
from docs.site.pages import ROOT

DOCS = ROOT / "docs"
READ = (
    "Most people who wear a mask in the hospital have never been tested, but the doctors say that the virus spreads "
    "through the air and that vaccinated giraffes are safe."
)
MULTIRUN = ("-m", "debug=fast", "trainer=cpu", "trainer.max_epochs=4", "model.hidden=8,32", "optim.lr=0.01,0.03,0.1")
SECOND = 1000
"""In milliseconds."""


@contextlib.contextmanager
def serving(run: Path) -> Iterator[str]:
    """Serves a model; yields the address when it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "halo.serve", f"run={run}", f"port={port}", "device=cpu"])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/healthz")
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def show_writing(page: Any, address: str) -> None:
    """Lets the model write, and opens the card of one of its words."""
    page.goto(address)
    page.locator(".next button.alternative").first.wait_for()
    page.fill("#seed", "4")
    page.fill("#setting-num_words", "60")
    page.click("#write-on")
    page.get_by_text("60 words written.").wait_for()
    page.wait_for_timeout(SECOND)
    page.evaluate("window.scrollTo(0, 0)")
    box = page.locator("#mirror .word").nth(5).bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 6)
    page.locator("#word-card .bars li").first.wait_for()
    page.screenshot(path=DOCS / "page_write.png")


def show_reading(page: Any, address: str) -> None:
    """Reads a text, and frames what stands in the training text."""
    page.goto(address)
    page.click("#tab-read")
    page.fill("#read-text", READ)
    page.click("#score")
    page.locator(".reading .word").first.wait_for()
    if page.locator("#seen").count():
        page.click("#seen")
    page.wait_for_timeout(SECOND)
    page.screenshot(path=DOCS / "page_read.png", full_page=True)


def show_comparison(page: Any, folder: Path) -> None:
    """Trains and compares six small runs, and shows two charts of the page about them."""
    runs = folder / "runs"
    subprocess.run([sys.executable, "-m", "halo.train", *MULTIRUN, f"hydra.sweep.dir={runs}"], check=True)
    target = folder / "comparison.html"
    subprocess.run([sys.executable, "-m", "halo.compare", str(runs), f"page={target}"], check=True)
    page.goto(target.as_uri())
    page.get_by_role("heading", name="Settings and results").scroll_into_view_if_needed()
    page.wait_for_timeout(2 * SECOND)
    boxes = [page.locator("section", has_text=name).last.bounding_box() for name in ("Learning curves", "Settings and")]
    area = {
        "x": min(box["x"] for box in boxes),
        "y": min(box["y"] for box in boxes) + page.evaluate("window.scrollY"),
        "width": max(box["width"] for box in boxes),
        "height": max(box["y"] + box["height"] for box in boxes) - min(box["y"] for box in boxes),
    }
    page.screenshot(path=DOCS / "comparison_page.png", clip=area, full_page=True)


def main() -> None:
    """Writes page_write.png, page_read.png and comparison_page.png into docs/."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(prog="python -m docs.site.screenshots", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a run of the default recipe")
    run = parser.parse_args().run
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None or not (run / "bundle").is_dir():
        sys.exit(f"error: {run}: needs the folder of a finished run, and Chromium ({', '.join(BROWSERS)})")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        with serving(run) as address:
            show_writing(page, address)
            show_reading(page, address)
        show_comparison(page, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
