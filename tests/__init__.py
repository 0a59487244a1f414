"""A regular package, so that no distribution that installs a top-level `tests` is imported in its place."""
