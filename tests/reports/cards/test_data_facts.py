"""Facts about a corpus, against the corpus."""

import json
from dataclasses import replace

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.reports.cards.data_facts import MAX_LISTED, data_facts


def test_they_are_those_of_the_corpus_and_hold_none_of_its_text(corpus: Corpus) -> None:
    facts = data_facts(corpus)
    assert json.loads(json.dumps(facts)) == facts
    for row, split in zip(facts["table"]["rows"], SPLITS, strict=True):
        assert row[:3] == [split, f"{corpus.counts[split].documents:,}", f"{corpus.counts[split].words:,}"]
    labels = {row["label"]: row["documents"] for row in facts["labels"]["rows"]}
    assert set(labels) == set(corpus.label_names)
    assert sum(counts["train"] for counts in labels.values()) == corpus.counts["train"].documents
    assert abs(sum(row["share"] for row in facts["labels"]["rows"]) - 1) < 1e-9
    assert facts["files"][0]["sha256"] == corpus.manifest["files"][0]["sha256"]
    assert max(facts["scripts"], key=lambda name: facts["scripts"][name]) == "Latin"
    written = json.dumps(facts)
    assert not any(text[:40] in written for texts in corpus.statistics.beginnings.values() for text in texts)


def test_the_largest_labels_are_listed_and_the_others_counted(corpus: Corpus) -> None:
    counts = next(iter(corpus.statistics.labels["train"].values()))
    many = {f"author {number}": replace(counts, tokens=number) for number in range(1, MAX_LISTED + 6)}
    statistics = replace(corpus.statistics, labels={"train": many, "validation": {}, "test": {}})
    labels = data_facts(replace(corpus, statistics=statistics))["labels"]
    assert (len(labels["rows"]), labels["num_hidden"]) == (MAX_LISTED, 5)
    assert labels["rows"][0]["label"] == f"author {MAX_LISTED + 5}"
    unlabelled = replace(corpus.statistics, labels={split: {"": counts} for split in SPLITS})
    assert data_facts(replace(corpus, statistics=unlabelled))["labels"] == {"rows": [], "num_hidden": 0}
