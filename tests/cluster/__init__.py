"""Tests on a real Kubernetes control plane: etcd, API server, controllers, scheduler, and nodes that run nothing."""
