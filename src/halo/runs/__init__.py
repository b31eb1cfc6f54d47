"""Whole runs: prepare, build, train, choose weights, measure, save, report."""
