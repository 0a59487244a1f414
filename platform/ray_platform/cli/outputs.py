"""`ray-platform outputs`."""

from __future__ import annotations

import json

import click
import yaml

from ray_platform.cli.options import Chosen, common
from ray_platform.cli.session import ending, opened
from ray_platform.cli.show_outputs import plain
from ray_platform.cli.telling import PeopleTeller, teller


@click.command()
@common
@click.option("--show-secrets", is_flag=True, help="Show what is secret, such as the kubeconfig, in clear.")
def outputs(stack: str, simulate: bool, changes: tuple[str, ...], as_json: bool, yes: bool, show_secrets: bool) -> None:
    """Print what the stack tells the outside."""
    chosen = Chosen(stack=stack, simulate=simulate, changes=changes)
    # The outputs are the whole answer: a program that reads them wants no events around them.
    out = teller(as_json=False)
    assert isinstance(out, PeopleTeller)
    with ending(out, "outputs", chosen), opened(chosen, create=False) as target:
        values = plain(target.stack.outputs(), show_secrets=show_secrets)
        text = json.dumps(values, indent=2) if as_json else yaml.safe_dump(values, sort_keys=False, width=10_000)
        click.echo(text.rstrip())
