"""Everything that runs inside Locust: users, scenarios, the recorder."""
