"""What a sweep prints and writes about its trials."""
