"""The `kubernetes` package: the objects of the simulated clusters, in memory and in the account file."""
