"""Markdown of cards: what comes from outside stays text, and metadata is YAML that strict parsers read."""

import pytest
import yaml

from halo.reports.cards.markdown import code, front_matter, plain_text, table, without_front_matter

HOSTILE = "a|b\n---\n<script>`x`</script> [link](javascript:1) *c* {{ 1 }} \u202e\x00"


def test_metadata_is_read_back_as_it_was() -> None:
    metadata = {"language": ["no", "en"], "version": "1.0", "name": HOSTILE, "license": None, "date": "2026-01-02"}
    text = front_matter(metadata)
    assert text.startswith("---\n")
    assert yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n")) == {
        key: value for key, value in metadata.items() if value is not None
    }
    assert without_front_matter(f"{text}\n# Title\n\n---\n") == "# Title\n\n---\n"
    assert without_front_matter("# Title\n---\nno metadata\n---\n") == "# Title\n---\nno metadata\n---\n"


def test_text_from_outside_is_no_markup() -> None:
    shown = plain_text(HOSTILE)
    assert "\n" not in shown
    assert "\\<script\\>" in shown
    assert "\\|" in shown
    assert "\x00" not in shown + code(HOSTILE)
    assert code("``") == "``` `` ```"


@pytest.mark.parametrize("columns", [(0,), (0, 1)])
def test_tables_have_as_many_cells_in_each_row(columns: tuple[int, ...]) -> None:
    lines = table(["a", "b"], [["1", "2"], ["3", "4"]], text_columns=columns).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[1].count("--:") == 2 - len(columns)
