"""What a model expects of pronouns and names: surprisal of held-out sentences as they stand and with words swapped."""
