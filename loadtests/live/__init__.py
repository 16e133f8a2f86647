"""The live page of `make ui`: both apps as two series, second by second, inside Locust's web UI."""
