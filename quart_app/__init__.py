"""The city scape API on Quart and aiohttp."""
