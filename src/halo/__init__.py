"""Semblance Halo: train a small word-level language model on your own text, and use it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("semblance-halo")
except PackageNotFoundError:  # the source tree on the path, without an installation
    __version__ = "0+unknown"
