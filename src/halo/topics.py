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
    from halo.reports.console import relative_to_cwd
    from halo.runtime.allocator import keep_freed_memory
    from halo.topic_modelling.find_topics import find_topics
    from halo.topic_modelling.output.crossed import cross_topics, crossing_tables, open_classifier, require_known
    from halo.topic_modelling.output.new_texts import assign_new_texts
    from halo.topic_modelling.output.result_files import write_result_files
    from halo.topic_modelling.page import FILE_NAME, require_page_packages, write_topics_page
    from halo.topic_modelling.table import topic_tables
    from halo.topic_modelling.unit_files import topic_units

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    if config.topics is not None:
        assign_new_texts(opened, config)
        return
    if config.page:
        require_page_packages()
    classifier = open_classifier(config)
    units = topic_units(opened, config)
    require_known(units, config)
    result = find_topics(opened, units, config)
    crossed = cross_topics(result, opened, config, classifier)
    for text in [topic_tables(result), *crossing_tables(crossed, result)]:
        log.info("%s\n", text)
    result.model.save(output_dir())
    atomic_write(output_dir() / "topics.json", json_text({**result.as_dict(), **crossed.as_dict()}))
    write_result_files(result, crossed, output_dir())
    if config.page:
        file = output_dir() / FILE_NAME
        write_topics_page(result, crossed, file, passages=config.passages, seed=config.seed)
        log.info("Page: %s", relative_to_cwd(file))


if __name__ == "__main__":
    main()
