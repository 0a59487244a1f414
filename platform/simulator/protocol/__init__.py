"""How the simulator speaks with the Pulumi engine: providers over gRPC, their values, diffs and previews."""
