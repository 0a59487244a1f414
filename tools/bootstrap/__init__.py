"""The set-up, `python3 -m tools.bootstrap`: `.venv` with the pinned packages, and a Pulumi CLI.

`python3 -m tools.bootstrap cluster-binaries` builds the programs of a Kubernetes control plane too.
"""
