"""Whether two lanes answer alike: each route asked a few times, or an OpenAPI file followed, before any load."""
