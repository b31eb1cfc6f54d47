"""Endpoints as clients of OpenAI's interface speak them."""
