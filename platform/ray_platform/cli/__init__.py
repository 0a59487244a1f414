"""The command line `ray-platform`."""
