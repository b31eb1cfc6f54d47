"""`python -m halo.prepare`: makes a text into ids, and shows what it consists of."""

import logging

from omegaconf import DictConfig

from halo.cli.hydra_app import command, output_dir
from halo.config import PrepareConfig, parse

log = logging.getLogger(__name__)


@command("prepare")
def main(composed: DictConfig) -> None:
    """Prepares the text, prints its table and writes the report."""
    config = parse(composed, PrepareConfig)

    from halo.corpus.prepare import prepare
    from halo.reports.console import corpus_table, relative_to_cwd
    from halo.reports.data_report.page import write_report

    corpus = prepare(config.data)
    log.info(corpus_table(corpus))
    log.info("Report: %s", relative_to_cwd(write_report(corpus, output_dir())))


if __name__ == "__main__":
    main()
