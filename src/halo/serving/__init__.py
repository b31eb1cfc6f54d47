"""The server of `halo serve`: a page to play with, its HTTP endpoints, and completions as OpenAI clients speak them."""
