"""Topics found in planted collections, with the settings of `conf/topics.yaml`."""

from functools import cache

from halo.config import TopicsConfig, parse
from halo.topic_modelling.find_topics import find_topics
from halo.topic_modelling.result import TopicResult
from tests.conftest import compose_config
from tests.support.planted_topics import planted_units
from tests.support.tiny_bundles import tiny_bundle


def topics_config(*changes: str) -> TopicsConfig:
    """Returns the settings of a quick search for three topics, changed."""
    quick = ["run=x", "num_topics=3", "num_seeds=4", "min_df=2", "max_df=0.5", "lda_iterations=150"]
    return parse(compose_config("topics", [*quick, *changes]), TopicsConfig)


@cache
def found_topics(*changes: str, has_topics: bool = True) -> TopicResult:
    """Returns the topics of a planted collection, or of one without topics."""
    return find_topics(tiny_bundle(), planted_units(has_topics=has_topics), topics_config(*changes))
