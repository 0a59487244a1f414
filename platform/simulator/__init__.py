"""An AWS account and a Kubernetes API on this machine, for the real Pulumi engine. Nothing of the product imports it.

`account` holds the account file and moto, `aws` its resource types and rules, `eks` and `kubernetes` the two other
packages, `cluster` a real control plane for the latter, `protocol` the way they speak with the engine; `session` is a
stack in such an account, `demo` shows one.
"""
