"""What must be true of every stack, whatever its configuration: the platform's invariants as plain functions."""
