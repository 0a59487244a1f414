"""An AWS account and a Kubernetes API on this machine, served to the Pulumi engine as providers.

For demos and tests only: nothing of the product imports it.
"""
