"""forecast.html, the page about forecasts."""
