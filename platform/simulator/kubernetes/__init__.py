"""The `kubernetes` package: the objects of the simulated clusters, in the account file or on a real API server."""
