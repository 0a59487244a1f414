"""What holds in the process of every test."""

import gc

# The SDKs and moto are 700,000 objects that stay. With Python's own thresholds a fifth of the processor time went into
# looking for garbage among them (51 tests of the simulator, November 2026: 17.8 s, now 13.9 s, for 30 MB more).
gc.set_threshold(100_000, 50, 100)
