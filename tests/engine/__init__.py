"""The program on the real Pulumi engine, in a simulated account."""
