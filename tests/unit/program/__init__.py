"""The whole program under mocks: what it registers, what it does not, and in which order."""
