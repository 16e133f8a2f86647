"""Plans, serves, drives, samples, judges, stores and reports: the harness around the two apps."""
