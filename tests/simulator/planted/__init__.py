"""Faults to plant in a simulated account: tables, each with the hands that plant them. See tests/support/checking."""
