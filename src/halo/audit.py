"""Measure what a trained model remembers of its training text."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import AuditCommandConfig, parse
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("audit")
def main(composed: "DictConfig") -> None:
    """Prints what the model remembers and a verdict, and writes audit.json and audit.html."""
    config = parse(composed, AuditCommandConfig)
    limit_threads(measure_cores())

    from halo.auditing.audit import AuditSize, audit_saved
    from halo.auditing.output.files import write_audit
    from halo.auditing.output.terminal import audit_report
    from halo.bundle.loading import open_model
    from halo.reports.console import relative_to_cwd
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    size = AuditSize(config.num_texts, config.num_passages)
    audit = audit_saved(opened, cache_dir=config.cache_dir, size=size, seed=config.seed, private=config.private)
    log.info(audit_report(audit))
    folder = output_dir() if opened.is_bundle else opened.folder
    written = write_audit(audit, folder, source=str(opened.folder))
    log.info("\n".join(f"{name}: {relative_to_cwd(file)}" for name, file in written.items()))


if __name__ == "__main__":
    main()
