"""The answers of the endpoints: what they are computed from, and whose turn it is."""
