"""A real Kubernetes control plane on this machine, with nodes that are objects only and no container anywhere."""
