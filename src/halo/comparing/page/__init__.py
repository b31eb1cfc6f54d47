"""The page about a comparison of runs: comparison.html."""

from halo.comparing.page.page import write_page

__all__ = ["write_page"]
