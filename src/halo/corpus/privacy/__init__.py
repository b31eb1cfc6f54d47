"""What a private run shows of its corpus."""
