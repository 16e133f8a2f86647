"""What every gunicorn lane has in common; `servers/hypercorn.toml` says the same for Hypercorn."""

workers = 1  # said here, so that WEB_CONCURRENCY does not say it
backlog = 2048
keepalive = 3600  # seconds: longer than any trial, so that no idle connection is dropped between two requests
timeout = 120  # seconds until a worker that shows no sign of life is killed; the default is 30
control_socket_disable = True
accesslog = None
loglevel = "warning"
