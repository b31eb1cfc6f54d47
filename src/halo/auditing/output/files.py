"""The files of an audit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halo.auditing.output import page
from halo.bundle.validation import AUDIT_FILE
from halo.runtime.atomic_files import atomic_write, json_text


def write_audit(audit: Mapping[str, Any], folder: Path, *, source: str) -> dict[str, Path]:
    """Writes audit.json and audit.html into a folder, and returns their paths by what they are.

    Args:
        audit: The figures.
        folder: The folder.
        source: The run folder or bundle of the model, as the page shows it.
    """
    figures, shown = folder / AUDIT_FILE, folder / page.FILE_NAME
    atomic_write(figures, json_text(dict(audit)))
    atomic_write(shown, page.render(audit, source=source))
    return {"Figures": figures, "Page": shown}
