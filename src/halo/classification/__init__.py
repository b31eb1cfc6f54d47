"""Classifiers of texts on the representations of a language model: `halo.classify` trains them."""
