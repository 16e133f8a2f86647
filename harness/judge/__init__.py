"""What the measurements say: pure."""
