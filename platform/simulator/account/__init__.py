"""The simulated account: a JSON file, the moto it is rebuilt into, and what one resource type is."""

from simulator.account.account import ACCOUNT_ID, CLUSTER, Account, AccountError, Record

__all__ = ["ACCOUNT_ID", "CLUSTER", "Account", "AccountError", "Record"]
