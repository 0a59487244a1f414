"""The `eks` package: pulumi-eks' Cluster component, built from simulated AWS resources."""
