"""Where addresses are; what is one, tests/corpus/cleaning/test_placeholders.py says."""

from halo.corpus.cleaning.personal.addresses import find_domains, find_emails, find_handles, find_urls


def test_places() -> None:
    text = "www.a.org, then bbc.co.uk and https://x.y/z: a@b.org or @reader"
    assert [text[start:end] for start, end in find_urls(text)] == ["www.a.org", "bbc.co.uk", "https://x.y/z"]
    assert find_domains("see bbc.co.uk, node.js") == [(4, 13)]
    assert [text[start:end] for start, end in find_emails(text)] == ["a@b.org"]
    assert [text[start:end] for start, end in find_handles(text)] == ["@reader"]
