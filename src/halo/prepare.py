"""Clean, split and tokenize a text for training, and report on it."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import PrepareConfig, parse
from halo.runtime.process_ranks import is_first_process

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("prepare")
def main(composed: "DictConfig") -> None:
    """Prepares the text, prints a table of its splits and writes the report page."""
    config = parse(composed, PrepareConfig)

    from halo.corpus.prepare import prepare
    from halo.corpus.privacy.private_view import private_view
    from halo.reports.cards.data_card import write_data_card
    from halo.reports.console import corpus_table, relative_to_cwd
    from halo.reports.data_report.hints import hint_lines
    from halo.reports.data_report.page import write_report

    corpus = prepare(config.data)
    if config.private:
        corpus = private_view(corpus)
    if not is_first_process():
        return
    log.info(corpus_table(corpus))
    for line in hint_lines(corpus):
        log.warning(line)
    log.info("Report: %s", relative_to_cwd(write_report(corpus, output_dir())))
    card = write_data_card(corpus, config.data, config.card, output_dir(), is_public=config.private)
    log.info("Data card: %s", relative_to_cwd(card))


if __name__ == "__main__":
    main()
