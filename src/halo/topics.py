"""Find out what a collection of texts is about."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import TopicsConfig, parse
from halo.runtime.atomic_files import atomic_write, json_text
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("topics")
def main(composed: "DictConfig") -> None:
    """Prints the topics of a collection beside LDA's, and writes them to topics.json."""
    config = parse(composed, TopicsConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.runtime.allocator import keep_freed_memory
    from halo.topic_modelling.find_topics import find_topics
    from halo.topic_modelling.table import topic_tables
    from halo.topic_modelling.unit_files import topic_units

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    result = find_topics(opened, topic_units(opened, config), config)
    log.info(topic_tables(result))
    result.model.save(output_dir())
    atomic_write(output_dir() / "topics.json", json_text(result.as_dict()))


if __name__ == "__main__":
    main()
