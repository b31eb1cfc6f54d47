"""Requests on their way to an endpoint: who may ask, how much, and how an error is answered."""
