"""The city scape API on Flask and requests."""
