"""Genomes: Markov models beside a trained model, bits per base, scores along a sequence, effects of variants."""
