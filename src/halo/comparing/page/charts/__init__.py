"""The charts of the page, as Plotly draws them."""
