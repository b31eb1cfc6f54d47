"""Hashes of documents: they depend on the seed and the raw text, and on the order of pieces."""

from halo.corpus.store.document_hashes import HASH_BYTES, combine_hashes, content_hash


def test_a_hash_depends_on_seed_and_text_and_is_fixed() -> None:
    assert len(content_hash("text", 0)) == HASH_BYTES
    assert content_hash("text", 0).hex().startswith("040863e70204")
    assert len({content_hash("text", 0), content_hash("text", 1), content_hash("Text", 0)}) == 3
    assert content_hash("half a pair \ud83d", 0) != content_hash("half a pair ", 0)


def test_the_order_of_pieces_matters() -> None:
    one, other = content_hash("one", 0), content_hash("other", 0)
    assert combine_hashes(one, other) != combine_hashes(other, one)
