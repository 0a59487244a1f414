"""`python -m simulator.demo`."""

import gc
import sys

from simulator.demo.command import main

exit_code = main()
# Python looks for garbage as it ends, and passes over what is frozen (`ray_platform.cli.main`).
gc.freeze()
sys.exit(exit_code)
