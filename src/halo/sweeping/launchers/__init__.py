"""Launchers, which start the workers of a study elsewhere: as SLURM jobs or as tasks of a Ray cluster."""
