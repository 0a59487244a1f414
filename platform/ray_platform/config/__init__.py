"""The stack configuration: its model, its rules and how it is read."""
