"""The workers of a sweep on one machine: the processes of its trials, and what each of them gets."""
