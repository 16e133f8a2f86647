"""Producer and consumer, written four times: the small programs behind the idea of the large comparison."""
