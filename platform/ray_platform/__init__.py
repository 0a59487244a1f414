"""Ray on Amazon EKS: configuration, rules and Pulumi components of the platform."""

import gc

# The SDKs are 700,000 objects that stay. With Python's own thresholds it looks for garbage among them so often that
# this is a fifth of a preview (docs/performance.md). It is set here because it has to be before pulumi_aws,
# pulumi_eks and pulumi_kubernetes are loaded, and every way in, `pulumi up` among them, comes through here first.
gc.set_threshold(50_000, 20, 20)
