"""Lines before and after cleaning: what was removed and what was added is marked, and nothing in them is markup."""

import re

from halo.reports.data_report.changes import mark_changes


def test_what_went_and_what_came_is_mark_changes() -> None:
    before, after = mark_changes("See <b>R0</b> “now”", 'see R0 "now"')
    removed, added = (re.findall(f"<{tag}>(.*?)</{tag}>", half) for tag, half in (("del", before), ("ins", after)))
    assert "".join(removed) == "See&lt;b&gt;&lt;/b&gt;“”"
    assert "".join(added) == "see&#34;&#34;"


def test_what_did_not_change_is_left_out_where_it_is_long() -> None:
    words = " ".join(f"w{number}" for number in range(100))
    before, after = mark_changes(f"A {words} B {words}", f"a {words} b {words}")
    for half in (before, after):
        assert "w0 w1" in half
        assert "w50" not in half
        assert half.count("…") == 2
    assert len(mark_changes("x" * 10**6, "y" * 10**6)[0]) < 10_000
