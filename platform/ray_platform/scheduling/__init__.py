"""What a node really gives to pods, and what Ray makes of it: pure rules without Pulumi."""
