"""`python -m simulator`: serve an account to a stock Pulumi CLI, or show what an account file holds."""

from __future__ import annotations

import argparse
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from simulator.account import Account, AccountError
from simulator.account import file as account_file
from simulator.account.faults import Faults
from simulator.account.site import Site
from simulator.protocol.serve import PACKAGES, engine_environment, served


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 after one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "show":
            show(options.account)
        else:
            serve(options)
    except (AccountError, ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve until SIGTERM, SIGINT or the end of standard input")
    serving.add_argument("--packages", type=_packages, default=PACKAGES, help=",".join(PACKAGES))
    serving.add_argument("--stack-file", type=Path, help="take region, VPC and subnets from Pulumi.STACK.yaml")
    serving.add_argument("--region", help="region of a new account (us-east-1)")
    serving.add_argument("--vpc-id", help="the account holds this VPC")
    serving.add_argument("--subnet-id", action="append", default=[], help="in it this subnet (repeat)")
    serving.add_argument("--throttle", type=float, default=0.0, metavar="P", help="share of calls throttled")
    serving.add_argument("--no-capacity", choices=["SPOT", "ON_DEMAND"], help="AWS has no such instances")
    serving.add_argument("--fail-call", type=int, metavar="K", help="the K-th changing call fails once")
    serving.add_argument("--seed", type=int, default=0, help="of the chance that --throttle plays")
    showing = commands.add_parser("show", help="print what an account file holds, a line each")
    for command in (serving, showing):
        command.add_argument("--account", type=Path, required=True, help="the account file")
    return parser


def _packages(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(PACKAGES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(PACKAGES)}")
    return names


def serve(options: argparse.Namespace) -> None:
    """Serve the account; the line it prints gives a shell the engine's environment."""
    from simulator.aws import RESOURCE_TYPES

    site = _site(options)
    faults = Faults(
        throttle=options.throttle,
        no_capacity=options.no_capacity,
        fail_call=options.fail_call,
        seed=options.seed,
    )
    with Account.open(options.account, RESOURCE_TYPES, region=site.region, faults=faults) as account:
        site.build(account)
        with served(account, options.packages) as providers:
            variables = engine_environment(providers).items()
            print("export", *(f'{name}="{value}"' for name, value in variables), flush=True)
            _wait_for_the_end()


def show(path: Path) -> None:
    """Print what the account file holds, a line each."""
    if not path.exists():
        raise AccountError(f"{path} does not exist.")
    for line in _lines(account_file.read(path)):
        print(line)


def _lines(contents: account_file.Contents) -> Iterator[str]:
    yield f"account {contents.account_id} {contents.region}"
    for vpc in contents.network["vpcs"]:
        yield f"vpc {vpc['id']} {vpc['cidrBlock']}"
        for subnet in vpc["subnets"]:
            yield f"subnet {subnet['id']} {subnet['cidrBlock']} {subnet['availabilityZone']}"
    for record in contents.records:
        yield f"{record.token} {record.id}"
    for entry in contents.kubernetes:
        yield f"{entry['type']} {entry['id']} (cluster {entry['cluster']})"


def _site(options: argparse.Namespace) -> Site:
    named = Site.of_stack_file(options.stack_file) if options.stack_file else Site()
    return Site(
        region=options.region or named.region,
        vpc_id=options.vpc_id or named.vpc_id,
        subnet_ids=tuple(options.subnet_id) or named.subnet_ids,
    )


def _wait_for_the_end() -> None:
    """Return on SIGTERM and SIGINT, when the pipe that is standard input closes, and when the starter is
    gone.

    Only a pipe: a shell gives its background commands an input that is at its end from the start.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_set_at_end_of_input, args=(ended,), daemon=True).start()
    starter = os.getppid()
    while not ended.wait(timeout=1) and os.getppid() == starter:
        pass


def _set_at_end_of_input(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
