"""Topics of a collection: clusters of a model's vectors of texts, their words, and LDA beside them."""
