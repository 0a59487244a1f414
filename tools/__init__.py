"""The project's own tools. They run on the system's Python, before anything is installed."""
