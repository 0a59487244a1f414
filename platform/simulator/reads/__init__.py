"""The simulated account as the product's checks read it: an environment whose every answer is made in this process."""

from simulator.reads.environment import SimulatedEnvironment, open_environment

__all__ = ["SimulatedEnvironment", "open_environment"]
