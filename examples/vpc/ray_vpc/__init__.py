"""A VPC with three zones, private and public subnets, and ways out, as the Ray platform wants its network."""
