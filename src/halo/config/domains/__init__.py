"""Settings of data other than text, each a part of the settings of the text."""
