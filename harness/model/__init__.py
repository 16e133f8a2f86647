"""What theory says of a lane: pure formulas with their sources."""
