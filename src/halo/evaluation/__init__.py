"""Evaluation of trained models: scores, text metrics, baselines and test-time adaptation."""
