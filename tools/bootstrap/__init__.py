"""The set-up, `python3 -m tools.bootstrap`: `.venv` with the pinned packages, and a Pulumi CLI."""
