"""Reports for people: console tables, the model card and the data report."""
