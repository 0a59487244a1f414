"""The verbs of `ray-platform`."""

import gc

import click

from ray_platform.cli.check import check
from ray_platform.cli.destroy import destroy
from ray_platform.cli.drift import drift
from ray_platform.cli.graph import graph
from ray_platform.cli.outputs import outputs
from ray_platform.cli.preview import preview
from ray_platform.cli.refresh import refresh
from ray_platform.cli.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ray-platform")
def main() -> None:
    """Ray on EKS: look before you build, and build by the same program as `pulumi up`."""


for verb in (check, preview, up, refresh, drift, destroy, outputs, graph):
    main.add_command(verb)


def run() -> None:
    """The program `ray-platform`.

    Python looks for garbage as it ends: among the 700,000 objects of the SDKs, which took a third of the time of
    `check`. What is frozen it passes over.
    """
    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    run()
