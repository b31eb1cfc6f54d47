"""Trains a language model with Lightning."""
