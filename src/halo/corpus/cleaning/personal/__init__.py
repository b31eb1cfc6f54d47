"""What leads to a person, found in a text: addresses, dates, numbers of documents and accounts, names."""
