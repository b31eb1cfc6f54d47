"""What every format needs: an explicit state, stored weights, and a tokenizer that cleans and joins by itself."""
