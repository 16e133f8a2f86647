"""What is stated once and read everywhere: configuration, records, figures."""
