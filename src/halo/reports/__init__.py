"""What people read: console tables, the model card, the data report."""
