"""What is measured, in which order and for how long: pure."""
