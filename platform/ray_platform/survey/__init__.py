"""Reads the account and the machine for the checks; changes nothing."""
