"""`make demo`: a stack up and down in a simulated account, and what is told of it."""
