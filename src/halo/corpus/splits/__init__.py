"""The assignment of documents to the splits train, validation and test."""
