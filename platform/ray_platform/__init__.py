"""Ray on Amazon EKS: configuration, rules and Pulumi components of the platform."""
