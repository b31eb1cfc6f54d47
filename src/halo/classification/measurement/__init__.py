"""How good a classifier is: figures with intervals, baselines, calibration, tests and the words of a decision."""
