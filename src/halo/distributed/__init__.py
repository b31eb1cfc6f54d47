"""Several processes that train one model: who has started them, whether they agree, and who reports an error."""
