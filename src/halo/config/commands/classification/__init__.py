"""Settings of the commands that train and use classifiers."""
