"""The saved model: writing it, reading it, checking what anybody may have made."""
