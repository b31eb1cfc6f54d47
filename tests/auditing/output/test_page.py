"""Tests of halo.auditing.output.page: audit.html is one file that needs nothing else."""

import re
from typing import Any

from halo.auditing.output.page import draw_curves, render


def test_the_page_is_complete_and_needs_nothing(caught: dict[str, Any]) -> None:
    page = render(caught, source="outputs/train/a&b")
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "default-src 'none'" in page
    assert "outputs/train/a&amp;b" in page
    assert "Not if its training text is private" in page
    assert page.count("<svg") == 1
    assert page == render(caught, source="outputs/train/a&b")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len({*ids})
    assert set(re.findall(r'href="#([^"]+)"', page)) <= {*ids}


def test_copied_text_is_escaped_and_private_pages_have_none(caught: dict[str, Any]) -> None:
    copied = {**caught["novelty"]["default"]["spans"][0], "text": "<script>secret</script>"}
    novelty = {**caught["novelty"], "default": {**caught["novelty"]["default"], "spans": [copied]}}
    page = render({**caught, "novelty": novelty}, source="run")
    assert "<script>" not in page
    assert "&lt;script&gt;secret" in page
    assert "secret" not in render({**caught, "novelty": novelty, "private": True}, source="run")


def test_without_copies_there_is_no_drawing(caught: dict[str, Any]) -> None:
    curve = {**caught["novelty"]["default"]["curve"], "value": [0.0] * 47}
    nothing = {name: {**each, "curve": curve, "spans": []} for name, each in caught["novelty"].items()}
    audit = {**caught, "novelty": nothing, "extraction": {"skipped": "too short"}}
    assert draw_curves(audit) is None
    assert "no sequence of four tokens" in render(audit, source="run")
