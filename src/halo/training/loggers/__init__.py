"""Loggers of other programs, MLflow and Weights & Biases, which send nothing that the user did not ask for."""
