"""What follows from the settings classes and the files of conf/: JSON schemas, and what a run changed."""
