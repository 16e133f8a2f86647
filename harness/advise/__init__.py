"""Advice for a team's own numbers: from a run's calibration, and measured if it is asked for."""
