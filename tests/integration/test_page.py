"""The page of `halo serve` in a real browser, as people use it: by mouse, by keyboard, in a narrow window."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXHAUSTIVE
from tests.support.browsing import (
    PATIENCE_MS,
    SCRIPT,
    running_browser,
    running_server,
    save_tiny_model,
    serious_problems,
)

Page = Any
"""A page of Playwright, which is imported where there is a browser only."""

BEGINNING = "people who"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("models")
    save_tiny_model(folder / "first", seed=1)
    save_tiny_model(folder / "second", seed=2)
    with running_server(folder / "first", folder / "second", settings=["max_words=100000"]) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def failures() -> list[str]:
    """What scripts of the page failed at, and what its content security policy forbade."""
    return []


@pytest.fixture(scope="module")
def new_page(browser: Any, failures: list[str]) -> Callable[..., Page]:
    """Opens a window: `new_page(width=400, dark=True)`."""

    def new_one(*, width: int = 1280, dark: bool = False) -> Page:
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda message: failures.append(message.text) if "Security Policy" in message.text else None)
        return page

    return new_one


@pytest.fixture(scope="module")
def window(new_page: Callable[..., Page]) -> Page:
    """A window that most tests share: a new one takes as long as loading the page."""
    return new_page()


@pytest.fixture
def fresh(window: Page, failures: list[str], address: str) -> Iterator[Page]:
    """The window without a page, which has forgotten everything; scripts must not fail in it."""
    window.goto(f"{address}healthz")
    window.evaluate("sessionStorage.clear()")
    failures.clear()
    yield window
    window.unroute_all()
    assert failures == []


@pytest.fixture
def page(fresh: Page, address: str) -> Page:
    """The page with a beginning, whose next words are shown."""
    return opened(fresh, address)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector(".next li")
    page.fill("#setting-num_words", "12")
    write_text(page, BEGINNING)
    return page


def write_text(page: Page, text: str) -> None:
    """Types a text, and waits for its next words."""
    page.fill("#text", text)
    page.wait_for_selector("#next > div:first-child:not([aria-busy])")


def words(page: Page) -> list[str]:
    """Returns the words of the model that are marked in the text."""
    found: list[str] = page.locator("#mirror .word").all_inner_texts()
    return found


def wait_for_text(page: Page, selector: str, text: str) -> None:
    """Waits until an element has a text; `wait_for_function` is not possible on a page that forbids eval."""
    page.locator(selector, has_text=re.compile(text)).first.wait_for()


def wait_until_written(page: Page) -> None:
    wait_for_text(page, "#status", r"written\.$")


def let_write(page: Page, button: str = "#write-on") -> str:
    """Lets the model write until it has done; returns the text."""
    page.click(button)
    wait_until_written(page)
    return str(page.input_value("#text"))


def hover_word(page: Page, number: int) -> None:
    """Moves the mouse over a word of the model, which lies beneath the text field."""
    box = page.locator("#mirror .word").nth(number).bounding_box()
    page.mouse.move(0, 0)
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#word-card", state="visible")


def test_shows_at_once_what_comes_next(fresh: Page, address: str) -> None:
    page = fresh
    page.goto(address)
    page.wait_for_selector(".next li")
    assert page.locator(".next button.alternative").count() == 10
    assert "equally likely words" in page.inner_text("#next")
    chosen = page.locator(".next button.alternative").first.get_attribute("data-word")
    page.locator(".next button.alternative").first.click()
    assert page.input_value("#text").endswith(chosen)


def test_words_stream_in_and_show_their_figures(page: Page) -> None:
    text = let_write(page)
    assert text.startswith(BEGINNING)
    assert len(words(page)) == 12
    assert text.split()[2:] == words(page)
    hover_word(page, 3)
    card = page.inner_text("#word-card")
    assert re.search(r"[\d.]+% probability · rank \d+ · [\d.]+ bits", card)
    assert page.locator("#word-card .bars li").count() == 8
    page.keyboard.press("Escape")
    assert not page.is_visible("#word-card")


def test_an_alternative_cuts_the_text_and_writing_goes_on_from_it(page: Page) -> None:
    before = let_write(page)
    hover_word(page, 4)
    alternative = page.locator("#word-card button.alternative", has_text=re.compile("^[a-z]")).first
    word = alternative.locator(".name").inner_text()
    alternative.click()
    wait_until_written(page)
    after = page.input_value("#text")
    assert after.split()[:6] == before.split()[:6]
    assert after.split()[6] == word
    assert len(words(page)) == 4 + 1 + 12
    page.click("#undo")
    assert page.input_value("#text") == before
    assert len(words(page)) == 12
    page.click("#redo")
    assert page.input_value("#text") == after


@EXHAUSTIVE
def test_retry_step_and_seed(page: Page) -> None:
    page.fill("#seed", "7")
    page.press("#seed", "Tab")
    assert page.is_checked("#keep-seed")
    first = let_write(page)
    page.click("#undo")
    assert page.input_value("#text") == BEGINNING
    assert let_write(page) == first, "the same seed writes the same words"
    again = let_write(page, "#retry")
    assert again != first
    assert again.startswith(BEGINNING)
    assert page.input_value("#seed") != "7"
    page.click("#undo")
    assert page.input_value("#text") == first
    page.click("#redo")
    longer = let_write(page, "#step")
    assert longer.startswith(again)
    assert len(words(page)) == 13


@EXHAUSTIVE
def test_typing_in_the_middle_keeps_the_cursor_and_marks_old_figures(page: Page) -> None:
    text = let_write(page)
    page.evaluate("document.getElementById('text').setSelectionRange(6, 6)")
    page.locator("#text").focus()
    page.keyboard.type(" here")
    assert page.input_value("#text") == f"people here{text[6:]}"
    assert page.evaluate("document.getElementById('text').selectionStart") == 11
    assert page.locator("#mirror .stale").count() == 12
    page.keyboard.press("Control+z")
    assert page.input_value("#text") == text
    assert page.locator("#mirror .stale").count() == 0


EDITS = [  # text before, its words of the model, text after, words that are left, those whose figures are old
    ("a bb cc", ["bb", "cc"], "a bb cc dd", ["bb", "cc"], []),
    ("a bb cc", ["bb", "cc"], "x a bb cc", ["bb", "cc"], ["bb", "cc"]),
    ("a bb cc", ["bb", "cc"], "a bbb cc", ["cc"], ["cc"]),
    ("a bb cc", ["bb", "cc"], "a bb ccc", ["bb"], []),
    ("a bb cc", ["bb", "cc"], "a cc", ["cc"], ["cc"]),
    ("a bb cc", ["bb", "cc"], "", [], []),
    ("😀 bb cc", ["bb", "cc"], "😃 bb cc", ["bb", "cc"], ["bb", "cc"]),
    ("a bb, cc", ["bb", ",", "cc"], "a bb cc", ["bb", "cc"], ["cc"]),
]


@EXHAUSTIVE
def test_an_edit_leaves_the_words_that_it_does_not_touch(page: Page) -> None:
    found = page.evaluate(
        """async (edits) => {
            const { WrittenText } = await import("/static/writing/written_text.js");
            return edits.map(([before, words, after]) => {
                let from = 0;
                const placed = words.map((word) => {
                    const start = before.indexOf(word, from);
                    from = start + word.length;
                    return { start, end: from };
                });
                const written = new WrittenText(before, placed);
                written.edit(after);
                const text = ({ start, end }) => after.slice(start, end);
                return [written.words.map(text), written.words.filter((word) => word.isStale).map(text)];
            });
        }""",
        [list(edit[:3]) for edit in EDITS],
    )
    assert found == [[list(edit[3]), list(edit[4])] for edit in EDITS]


@EXHAUSTIVE
def test_what_has_no_figures_is_counted(page: Page) -> None:
    found = page.evaluate(
        """async () => {
            const { numUnscored } = await import("/static/reading/scores.js");
            const words = [{ start: 2, end: 4 }, { start: 5, end: 6 }, { start: 6, end: 8 }];
            return [numUnscored("😀 ab ccc 🦠 #", words), numUnscored("", [])];
        }"""
    )
    assert found == [3, 0]


@EXHAUSTIVE
def test_input_methods_compose_words(page: Page) -> None:
    page.locator("#text").focus()
    page.keyboard.press("Control+End")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    session.send("Input.insertText", {"text": "日本"})
    assert page.input_value("#text") == f"{BEGINNING}日本"


@EXHAUSTIVE
def test_escape_stops_and_keeps_what_was_written(page: Page) -> None:
    page.fill("#setting-num_words", "30000")  # seconds of writing, however slow the browser is
    page.locator("#text").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#mirror .word", state="attached")
    page.keyboard.press("Escape")
    wait_for_text(page, "#status", "^Stopped")
    assert 0 < len(words(page)) < 30_000


@EXHAUSTIVE
def test_settings_change_the_bars_at_once(page: Page) -> None:
    before = page.locator(".next .figure.after").all_inner_texts()
    page.locator("input[type=range][aria-label^=Temperature]").focus()
    page.keyboard.press("Home")
    wait_for_text(page, ".next .figure.after", "^100%$")
    page.click("#defaults")
    wait_for_text(page, ".next li:first-child .figure.after", f"^{before[0]}$")
    page.fill("#setting-top_p", "3")
    assert page.get_attribute("#setting-top_p", "aria-invalid") == "true"
    page.press("#setting-top_p", "Tab")
    assert page.input_value("#setting-top_p") != "3"


@EXHAUSTIVE
def test_a_link_restores_everything_and_sends_nothing_until_asked(page: Page, address: str) -> None:
    text = "the air & <b> 😀\nمرحبا"
    write_text(page, text)
    page.fill("#setting-top_k", "5")
    page.fill("#seed", "11")
    page.press("#seed", "Tab")
    page.click("#link")
    link = page.input_value("#link-address")
    page.goto(f"{address}healthz")
    page.evaluate("sessionStorage.clear()")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto(link)
    question = page.get_by_role("button", name="Show what comes next")
    question.wait_for()
    assert page.input_value("#text") == text
    assert page.input_value("#setting-top_k") == "5"
    assert page.input_value("#seed") == "11"
    assert page.is_checked("#keep-seed")
    assert posts == []
    question.click()
    page.wait_for_selector(".next li")
    page.reload()
    page.wait_for_selector(".next li")
    assert page.input_value("#text") == text, "the text outlives a reload"


@EXHAUSTIVE
def test_a_link_with_wrong_values_says_so(fresh: Page, address: str) -> None:
    fresh.goto(f"{address}#text=the&top_p=7&seed=abc&model=nobody&view=nowhere")
    message = fresh.inner_text("#alert")
    assert "no model “nobody”" in message
    assert "top_p" in message
    assert "seed" in message
    assert fresh.input_value("#text") == "the"


STREAM = "text/event-stream"
FAILURES: list[tuple[dict[str, Any] | None, str]] = [
    ({"status": 422, "json": {"error": {"message": "text: too long"}}}, "text: too long"),
    ({"status": 500, "body": "oops"}, "status 500"),
    ({"content_type": STREAM, "body": 'event: error\ndata: {"error": {"message": "no time"}}\n\n'}, "no time"),
    (None, "halo serve still running"),
    ({"content_type": STREAM, "body": 'event: word\ndata: {"text": " air", "token": "air"}\n\n'}, "was lost"),
]
"""What a server may answer, None for nothing, and what the page says then."""


def test_errors_are_explained_and_the_text_is_kept(page: Page) -> None:
    for answer, expected in FAILURES:
        page.route("**/api/generate", lambda route, _, one=answer: route.fulfill(**one) if one else route.abort())
        page.click("#write-on")
        wait_for_text(page, "#alert", expected)
        page.unroute("**/api/generate")
    assert page.input_value("#text") == f"{BEGINNING} air", "a word that arrived before the connection was lost stays"
    page.get_by_role("button", name="Try again").click()
    wait_until_written(page)
    assert not page.is_visible("#alert")


@EXHAUSTIVE
def test_a_busy_server_is_asked_again(page: Page) -> None:
    answers = [{"status": 429, "headers": {"Retry-After": "1"}, "json": {"error": {"message": "busy"}}}]
    page.route("**/api/generate", lambda route: route.fulfill(**answers.pop()) if answers else route.continue_())
    page.click("#write-on")
    wait_for_text(page, "#status", "trying again in 1 second")
    wait_until_written(page)


@EXHAUSTIVE
def test_the_token_is_asked_for_and_kept_in_the_tab(fresh: Page, address: str) -> None:
    def guard(route: Any) -> None:
        if route.request.headers.get("authorization") == "Bearer open sesame":
            route.continue_()
        else:
            route.fulfill(status=401, json={"error": {"message": "no token"}})

    page = fresh
    page.route("**/api/**", guard)
    page.goto(address)
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#token-refused", state="visible")
    assert serious_problems(page) == []
    page.fill("#token", "open sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector(".next li")
    page.reload()
    page.wait_for_selector(".next li")


def test_reading_shows_surprisal_and_exports_what_is_shown(page: Page) -> None:
    page.click("#tab-read")
    text = f"😀 the virus, {SCRIPT} xyzzy people"
    page.fill("#read-text", text)
    page.press("#read-text", "Control+Enter")
    page.wait_for_selector(".tiles")
    assert page.locator(".reading .word").all_inner_texts() == text.split()
    unknown = page.locator(".reading .unknown").all_inner_texts()
    assert {"😀", "xyzzy"} <= set(unknown)
    assert "people" not in unknown
    page.locator(".reading .word", has_text="people").hover()
    page.wait_for_selector("#word-card", state="visible")
    assert "people" in page.inner_text("#word-card")
    shown = [float(each) for each in page.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    ranks = [int(each.split()[0]) for each in page.locator(".ranks .figure").all_inner_texts()]
    assert sum(ranks) == len(shown)
    page.get_by_role("button", name="Word", exact=True).click()
    in_table = page.locator("tbody td:nth-child(2)").all_inner_texts()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download TSV").click()
    rows = [line.split("\t") for line in Path(saved.value.path()).read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["number", "text", "bits", "probability", "rank", "entropy_bits", "known"]
    assert [row[1] for row in rows[1:]] == in_table
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download JSON").click()
    exported = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert [word["text"] for word in exported["words"]] == in_table
    page.click("#seen")
    wait_for_text(page, "#scores", "training text of this model is not at hand")
    assert page.title() == "Semblance Halo", "no script of a text has run"


@EXHAUSTIVE
def test_two_models_write_and_read_side_by_side(page: Page) -> None:
    page.select_option("#second", "second")
    page.click("#write-on")
    wait_for_text(page, "#status", "^24 words written")
    columns = page.locator("#comparison section")
    assert columns.count() == 2
    seeds = {re.search(r"seed \d+", each).group() for each in columns.all_inner_texts()}  # type: ignore[union-attr]
    assert len(seeds) == 1
    assert page.input_value("#text") == BEGINNING
    page.locator(".next").nth(1).wait_for()
    columns.nth(1).locator(".word").nth(2).hover()
    page.wait_for_selector("#word-card", state="visible")
    page.keyboard.press("Escape")
    columns.nth(1).get_by_role("button", name="Keep this text").click()
    assert len(words(page)) == 12
    page.click("#read-this")
    page.wait_for_selector(".tiles")
    assert page.locator(".tile-rows section").count() == 2
    for row in page.locator("tbody tr").all():
        first, second, difference = (float(row.locator("td").nth(at).inner_text()) for at in (2, 3, 4))
        assert abs(first - second - difference) < 0.2
    page.select_option("#colours", "1")
    assert page.locator(".legend .bits-4").is_visible()


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    keyboard = page.keyboard
    page.locator("#tab-write").focus()
    keyboard.press("ArrowRight")
    assert page.is_visible("#read")
    keyboard.press("ArrowLeft")
    page.locator("#text").focus()
    keyboard.press("Control+Enter")
    wait_until_written(page)
    before = page.input_value("#text")
    keyboard.press("Control+End")
    keyboard.press("Alt+ArrowDown")
    title = page.inner_text("#word-card-title")
    assert title == before.split()[-1]
    assert page.evaluate("document.activeElement.matches('button.alternative')")
    keyboard.press("ArrowLeft")
    assert page.inner_text("#word-card-title") == before.split()[-2]
    keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "text"
    for _ in range(20):
        keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "inspect":
            break
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    wait_until_written(page)
    assert page.input_value("#text") != before
    keyboard.press("Control+z")
    assert page.input_value("#text") == before


@EXHAUSTIVE
def test_the_card_of_the_model_is_shown_as_text(page: Page) -> None:
    page.click("#tab-card")
    page.wait_for_selector(".card h2")
    assert page.locator(".card em").inner_text() == "tiny"
    assert page.locator(".card a").get_attribute("href") == "https://example.org"
    assert page.locator(".card a").count() == 1
    assert page.locator(".card li").inner_text() == "<b>bold</b>"


def test_no_barriers_in_any_view(page: Page) -> None:
    let_write(page)
    page.press("#text", "Alt+ArrowDown")
    assert serious_problems(page) == []
    page.keyboard.press("Escape")
    page.select_option("#second", "second")
    page.click("#read-this")
    page.wait_for_selector(".tiles")
    assert serious_problems(page) == []
    page.click("#tab-card")
    page.wait_for_selector(".card h2")
    assert serious_problems(page) == []


@EXHAUSTIVE
def test_contrast_is_enough_in_the_dark(new_page: Callable[..., Page], address: str) -> None:
    page = opened(new_page(dark=True), address)
    let_write(page)
    page.press("#text", "Alt+ArrowDown")
    assert serious_problems(page, rules=["color-contrast"]) == []
    page.keyboard.press("Escape")
    page.click("#read-this")
    page.wait_for_selector(".tiles")
    assert serious_problems(page, rules=["color-contrast"]) == []
    page.context.close()


def test_a_narrow_window_needs_no_sideways_scrolling(new_page: Callable[..., Page], address: str) -> None:
    page = opened(new_page(width=400), address)
    page.select_option("#second", "second")
    let_write(page)
    boxes = [page.locator("#comparison section").nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0]["x"] == boxes[1]["x"], "columns are stacked"
    write_text(page, "x" * 500)
    for tab in ("read", "card", "write"):
        page.click(f"#tab-{tab}")
        if tab == "read":
            page.fill("#read-text", "people " + "y" * 300)
            page.click("#score")
            page.wait_for_selector(".tiles")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.context.close()
