"""`python -m halo.prepare`: makes a text into ids, and shows what it consists of."""

import logging

from omegaconf import DictConfig

from halo.command import command, output_dir
from halo.config import PrepareConfig, parse

log = logging.getLogger(__name__)


@command("prepare")
def main(composed: DictConfig) -> None:
    """Prepares the text, prints its table and writes the report."""
    config = parse(composed, PrepareConfig)

    from halo.data_report.page import write_report
    from halo.reporting import corpus_table, from_here
    from halo.text.corpus import prepare

    corpus = prepare(config.data)
    log.info(corpus_table(corpus))
    log.info("Report: %s", from_here(write_report(corpus, output_dir())))


if __name__ == "__main__":
    main()
