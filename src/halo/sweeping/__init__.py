"""Sweeps over the settings of training runs: studies of Optuna whose trials are runs of `halo.train`."""
