"""Kubernetes manifests as pure functions: plain dictionaries, whose values may be outputs of Pulumi."""
