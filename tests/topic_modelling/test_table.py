from halo.topic_modelling.table import topic_tables
from tests.support.found_topics import found_topics


def test_tables_fit_80_columns_and_end_with_lda() -> None:
    shown = topic_tables(found_topics())
    assert max(map(len, shown.splitlines())) <= 80
    topics, methods = shown.split("\n\n")
    assert topics.startswith("3 topics of 90 paragraphs")
    assert topics.splitlines()[-2].split()[1] == "LDA"
    assert "this model" in methods


def test_notes_follow_the_tables() -> None:
    shown = topic_tables(found_topics("num_topics=8", has_topics=False))
    assert "do not build on it." in shown.split("\n\n")[2].replace("\n  ", " ")
