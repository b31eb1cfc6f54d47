"""Runs end to end: prepare, build, train, choose weights, measure, save, report."""
