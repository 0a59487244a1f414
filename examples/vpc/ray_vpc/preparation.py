"""What is known before the first resource: the settings, the region's zones, and the provider."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ray_vpc.addresses import ZONES, ZonePlan, address_plan, zones_for_eks
from ray_vpc.settings import DEFAULTS, ConfigError, Settings, settings_of


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What every part is made from. ``opts`` go to the components."""

    settings: Settings
    region: str
    zones: list[ZonePlan]
    opts: pulumi.ResourceOptions


async def prepare() -> Prepared:
    """Read and check everything. Raises RunError, which Pulumi shows without a traceback."""
    config = pulumi.Config()
    try:
        settings = settings_of({key: config.get(key) for key in DEFAULTS})
    except ConfigError as error:
        raise pulumi.RunError(str(error)) from None
    region = pulumi.Config("aws").require("region")
    tags = aws.ProviderDefaultTagsArgs(tags=settings.tags)
    provider = aws.Provider(settings.name, region=region, default_tags=tags)
    return Prepared(
        settings=settings,
        region=region,
        zones=address_plan(settings.cidr, await _zones(region, provider)),
        opts=pulumi.ResourceOptions(providers=[provider]),
    )


async def _zones(region: str, provider: aws.Provider) -> list[str]:
    """Local zones, which an account has to ask for, are left out: EKS makes no control plane there."""
    offered = aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
    found = await aws.get_availability_zones(
        state="available", filters=[offered], opts=pulumi.InvokeOptions(provider=provider)
    )
    zones = zones_for_eks(found.names, found.zone_ids)
    if len(zones) < ZONES:
        raise pulumi.RunError(
            f"{region} has {len(zones)} zones that EKS takes, and this VPC spans {ZONES}: choose another aws:region."
        )
    return zones
