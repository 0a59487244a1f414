"""Scanners that others wrote, as judges of what the program would make: `python -m tools.scanners`."""
