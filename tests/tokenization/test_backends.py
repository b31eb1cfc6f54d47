"""Backends: each kind is recognised by its parts, and a foreign tokenizer.json is not executed."""

import json

import pytest

from halo.tokenization.backends import EOS, KINDS, UNK, kind_of, make_backend, rebuild_backend, train_bpe

VOCABULARY = {UNK: 0, EOS: 1, "a": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_a_backend_is_rebuilt_as_the_kind_that_it_was(kind: str) -> None:
    backend = make_backend(kind, VOCABULARY, [])
    rebuilt = rebuild_backend(json.loads(backend.to_str()))
    assert kind_of(backend) == kind_of(rebuilt) == kind
    assert rebuilt.get_vocab() == VOCABULARY


def test_a_backend_that_reads_any_placeholder_is_rebuilt_as_one() -> None:
    backend = make_backend("word", VOCABULARY, [], any_placeholder=True)
    rebuilt = rebuild_backend(json.loads(backend.to_str()))
    for each in (backend, rebuilt):
        assert kind_of(each) == "word"
        assert len(each.encode("born <date>, <ward_7> <unk>").ids) == 7  # born <date> , <ward_7> < unk >
    assert len(make_backend("word", VOCABULARY, []).encode("born <date>").ids) == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pre_tokenizer", {"type": "Split", "pattern": {"Regex": "(a+)+b"}, "behavior": "Removed", "invert": True}),
        ("normalizer", {"type": "Prepend", "prepend": "x" * 100}),
        ("post_processor", None),
    ],
)
def test_another_rule_is_refused_and_a_default_is_not(key: str, value: object) -> None:
    saved = json.loads(make_backend("word", VOCABULARY, []).to_str())
    if value == saved[key]:
        assert kind_of(rebuild_backend({**saved, key: value})) == "word"
    else:
        with pytest.raises(ValueError, match="splits texts differently"):
            rebuild_backend({**saved, key: value})


@pytest.mark.parametrize("ids", [[0, 1, 3], [0, 1, 1], [0, 1, True], [0, 1, "2"]])
def test_ids_that_are_not_consecutive_are_refused(ids: list[object]) -> None:
    saved = json.loads(make_backend("word", VOCABULARY, []).to_str())
    saved["model"]["vocab"] = dict(zip(VOCABULARY, ids, strict=True))
    with pytest.raises((ValueError, TypeError)):
        rebuild_backend(saved)


def test_bpe_never_merges_into_a_special_token() -> None:
    backend = train_bpe(["<unk> <eos> " * 50], min_count=1, max_size=400)
    assert not {0, 1} & {*backend.encode("<unk> <eos>").ids}
