"""What is made of topics: crossings with what else is known of the texts, tables in files, topics of new texts."""
