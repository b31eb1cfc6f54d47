"""Audit of what a trained model remembers of its training text.

`audit_model` measures, `audit_report` prints, and `card_lines` writes the section of the model card; docs/audit.md
explains the figures.
"""

from halo.auditing.card import card_lines

__all__ = ["card_lines"]
