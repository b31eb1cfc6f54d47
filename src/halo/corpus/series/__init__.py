"""Series of numbers with dates -> a prepared corpus."""
