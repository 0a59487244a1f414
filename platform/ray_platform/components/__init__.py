"""The components of the platform, one module each, in the order they are built."""
