"""The documentation's site: `make docs` builds it, with the chapters of the course run, into build/site."""
