"""How fast the program is, measured as ratios in one run: `python -m tools.bench` (docs/performance.md)."""
