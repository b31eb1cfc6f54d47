"""Forecasts of series: predictive distributions, their scores, and the baselines beside them."""
