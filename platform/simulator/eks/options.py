"""Which options of pulumi-eks' Cluster the simulator plays. It refuses the others instead of ignoring them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PLAYED = frozenset(
    {
        "accessEntries",
        "bootstrapSelfManagedAddons",
        "clusterSecurityGroup",
        "clusterTags",
        "deletionProtection",
        "enableConfigMapMutable",
        "enabledClusterLogTypes",
        "encryptionConfigKeyArn",
        "endpointPrivateAccess",
        "endpointPublicAccess",
        "ipFamily",
        "kubernetesServiceIpAddressRange",
        "name",
        "privateSubnetIds",
        "providerCredentialOpts",
        "publicAccessCidrs",
        "serviceRole",
        "subnetIds",
        "tags",
        "upgradePolicy",
        "version",
        "vpcId",
    }
)
"""Options that make the same difference as in the real component."""

FIXED: Mapping[str, tuple[Any, ...]] = {
    "authenticationMode": ("API",),
    "createInstanceRole": (None, False),
    "createOidcProvider": (None, False),
    "skipDefaultNodeGroup": (True,),
    "skipDefaultSecurityGroups": (True,),
    "useDefaultVpcCni": (True,),
}
"""Options of which only these values are played; None is an option that is left out."""

DISABLED = ("corednsAddonOptions", "kubeProxyAddonOptions")
"""Addons that the component would make itself: played only with `enabled` false."""

REQUIRED = ("clusterSecurityGroup", "serviceRole", "vpcId")
"""Options without which the real component would look up or create something that is not played."""


def option_problems(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The options, with the reason, that the simulator would ignore or that the real component refuses."""
    given = {name: value for name, value in inputs.items() if value is not None}
    found = [
        (name, "this option of eks.Cluster is not simulated: leave it out")
        for name in sorted(given.keys() - PLAYED - FIXED.keys() - set(DISABLED))
    ]
    for name, values in FIXED.items():
        if given.get(name) not in values:
            shown = " or ".join("left out" if value is None else json.dumps(value) for value in values)
            found.append((name, f"eks.Cluster is simulated only with this option {shown}"))
    found += [(name, "eks.Cluster is simulated only with this option given") for name in REQUIRED if name not in given]
    found += [
        (name, "eks.Cluster is simulated only with this addon disabled: `enabled` false, no values")
        for name in DISABLED
        if not _is_disabled(name, given.get(name))
    ]
    if "subnetIds" in given and "privateSubnetIds" in given:
        found.append(("subnetIds", "subnetIds and privateSubnetIds are mutually exclusive"))
    if not given.keys() & {"subnetIds", "privateSubnetIds"}:
        found.append(("subnetIds", "eks.Cluster is simulated only with the subnets given"))
    if "publicAccessCidrs" in given and given.get("endpointPublicAccess") is False:
        reason = "`publicAccessCidrs` can only be set when `endpointPublicAccess` is true"
        found.append(("publicAccessCidrs", reason))
    return found


def _is_disabled(name: str, addon: Any) -> bool:
    """As the component decides when there is no default node group to put coredns on."""
    if addon is None:
        return name == "corednsAddonOptions"
    return addon.get("enabled") is False and not addon.get("configurationValues")
