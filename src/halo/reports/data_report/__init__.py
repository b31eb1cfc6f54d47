"""The data report: one self-contained HTML page about a prepared corpus, with figures, tables, examples and hints."""
