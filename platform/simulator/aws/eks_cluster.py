"""EKS control planes. moto keeps what it models of one; the rest is in the account's record."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, dns_suffix, in_order, known, tag_changes, tag_list, tag_outputs, wanted_tags
from simulator.aws.eks_common import (
    NAME_MAX,
    authentication_mode,
    cluster_name_problems,
    find_cluster,
    moto_cluster,
    now,
)
from simulator.aws.eks_versions import PLATFORM_VERSIONS
from simulator.aws.logs import ensure_cluster_log_group
from simulator.aws.rules import cluster as rules

if TYPE_CHECKING:
    from simulator.account import Account

LOG_TYPES = frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"})
PRIVATE_RANGES = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
NOT_MODELLED = ("computeConfig", "outpostConfig", "remoteNetworkConfig", "storageConfig", "zonalShiftConfig")
SERVICE_CIDRS = ("172.20.0.0/16", "10.100.0.0/16")
"""What EKS takes for services when it is free to choose; the other one when the VPC has the first."""


class Cluster(AwsType):
    token = "aws:eks/cluster:Cluster"
    replace_on = frozenset(
        {
            "name",
            "roleArn",
            "bootstrapSelfManagedAddons",
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "kubernetesNetworkConfig.ipFamily",
            "kubernetesNetworkConfig.serviceIpv4Cidr",
        }
    )
    name_property = "name"
    name_max_length = NAME_MAX
    computed = AwsType.computed | {
        "certificateAuthority",
        "clusterId",
        "createdAt",
        "endpoint",
        "identities",
        "platformVersion",
        "status",
    }
    kept_outputs = frozenset({"createdAt"})

    def check(self, account: Account, inputs: dict[str, Any]) -> list[tuple[str, str]]:
        found = cluster_name_problems("name", inputs.get("name"))
        for log_type in inputs.get("enabledClusterLogTypes") or []:
            if known(log_type) and log_type not in LOG_TYPES:
                found.append(("enabledClusterLogTypes", f"expected one of {sorted(LOG_TYPES)}, got {log_type}"))
        mode = (inputs.get("accessConfig") or {}).get("authenticationMode")
        if known(mode) and mode not in rules.AUTHENTICATION_MODES:
            found.append(
                ("accessConfig", f"authenticationMode must be one of {rules.AUTHENTICATION_MODES}, got {mode}")
            )
        cidr = (inputs.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr")
        if known(cidr) and not _valid_service_cidr(cidr):
            found.append(("kubernetesNetworkConfig", f"serviceIpv4Cidr must be a private /12 to /24, got {cidr}"))
        for key in NOT_MODELLED:
            if inputs.get(key):
                found.append((key, "the simulator does not model this part of a cluster"))
        return found

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        rules.refuse_cluster(account, inputs)

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        name, vpc_config = inputs["name"], inputs["vpcConfig"]
        vpc_id = rules.find_subnets(account, vpc_config["subnetIds"])[0]["VpcId"]
        account.client("eks").create_cluster(
            name=name,
            version=inputs.get("version") or max(PLATFORM_VERSIONS),
            roleArn=inputs["roleArn"],
            resourcesVpcConfig=_vpc_request(vpc_config),
            logging=_logging(inputs),
            kubernetesNetworkConfig={"serviceIpv4Cidr": _service_cidr(account, inputs, vpc_id), "ipFamily": "ipv4"},
            tags=wanted_tags(inputs),
            encryptionConfig=[inputs["encryptionConfig"]] if inputs.get("encryptionConfig") else [],
        )
        self._add_what_moto_lacks(account, name, vpc_id)
        if inputs.get("enabledClusterLogTypes") and not outputs:
            ensure_cluster_log_group(account, name)
        return str(name)

    def _add_what_moto_lacks(self, account: Account, name: str, vpc_id: str) -> None:
        """moto draws issuer and endpoint once per process; EKS gives each cluster its own, and a security group."""
        cluster = moto_cluster(account, name)
        id = mock_random.get_random_hex(32).upper()
        suffix = dns_suffix(account)
        cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{account.region}.{suffix}/id/{id}"}}
        cluster.endpoint = f"https://{id}.gr7.{account.region}.eks.{suffix}"
        cluster.platformVersion = PLATFORM_VERSIONS.get(cluster.version, "eks.1")
        group = _make_cluster_group(account, name, vpc_id)
        cluster.resources_vpc_config = {
            **cluster.resources_vpc_config,
            "vpcId": vpc_id,
            "clusterSecurityGroupId": group,
        }

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        cluster = find_cluster(account, id)
        if cluster is None:
            return None
        encryption = cluster.get("encryptionConfig")
        logged: list[str] = next(
            (each["types"] for each in cluster["logging"]["clusterLogging"] if each["enabled"]), []
        )
        network = cluster["kubernetesNetworkConfig"]
        return {
            "accessConfig": _access_outputs(inputs),
            "arn": cluster["arn"],
            "bootstrapSelfManagedAddons": inputs.get("bootstrapSelfManagedAddons", True),
            "certificateAuthority": cluster["certificateAuthority"],
            "createdAt": outputs.get("createdAt") or now(),
            "deletionProtection": inputs.get("deletionProtection", False),
            "enabledClusterLogTypes": in_order(inputs.get("enabledClusterLogTypes"), logged),
            "encryptionConfig": encryption[0] if encryption else None,
            "endpoint": cluster["endpoint"],
            "identities": [{"oidcs": [{"issuer": cluster["identity"]["oidc"]["issuer"]}]}],
            "kubernetesNetworkConfig": {
                "ipFamily": "ipv4",
                "serviceIpv4Cidr": network["serviceIpv4Cidr"],
                "elasticLoadBalancing": {"enabled": False},
            },
            "name": cluster["name"],
            "platformVersion": cluster["platformVersion"],
            "region": account.region,
            "roleArn": cluster["roleArn"],
            "status": cluster["status"],
            "upgradePolicy": inputs.get("upgradePolicy") or {"supportType": "EXTENDED"},
            "version": cluster["version"],
            "vpcConfig": _vpc_outputs(inputs["vpcConfig"], cluster["resourcesVpcConfig"]),
            **tag_outputs(inputs, cluster.get("tags", {})),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        cluster = moto_cluster(account, id)
        rules.refuse_mode_change(authentication_mode(old), authentication_mode(new))
        if new.get("version") and new["version"] != cluster.version:
            rules.refuse_version_change(account, id, cluster.version, new["version"])
            cluster.version, cluster.platformVersion = new["version"], PLATFORM_VERSIONS[new["version"]]
        if new["vpcConfig"] != old["vpcConfig"]:
            self._update_vpc_config(account, id, new["vpcConfig"])
        if set(new.get("enabledClusterLogTypes") or []) != set(old.get("enabledClusterLogTypes") or []):
            account.client("eks").update_cluster_config(name=id, logging=_logging(new))
            if new.get("enabledClusterLogTypes"):
                ensure_cluster_log_group(account, id)
        self._encrypt(account, id, new)
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        cluster.tags = {key: value for key, value in {**cluster.tags, **changed}.items() if key not in gone}
        return self.now(account, id, new, outputs)

    def _update_vpc_config(self, account: Account, name: str, vpc_config: dict[str, Any]) -> None:
        cluster = moto_cluster(account, name)
        rules.refuse_endpoints(vpc_config)
        vpc_id = rules.refuse_network(account, name, vpc_config)
        if vpc_id != cluster.resources_vpc_config["vpcId"]:
            raise Refusal(rules.INVALID, "Subnets specified must belong to the VPC of the cluster")
        cluster.resources_vpc_config = {**cluster.resources_vpc_config, **_vpc_request(vpc_config)}

    def _encrypt(self, account: Account, name: str, new: dict[str, Any]) -> None:
        """EKS associates a key once and for good; pulumi-aws asks for no change of it."""
        cluster = moto_cluster(account, name)
        if cluster.encryption_config and not new.get("encryptionConfig"):
            raise Refusal(rules.INVALID, f"Encryption of cluster {name} cannot be turned off")
        if new.get("encryptionConfig") and not cluster.encryption_config:
            rules.refuse_key(account, new["encryptionConfig"])
            cluster.encryption_config = [new["encryptionConfig"]]

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        cluster = find_cluster(account, id)
        if cluster is None:
            return
        if inputs.get("deletionProtection"):
            reason = f"Cannot delete cluster {id} because deletion protection is enabled. Turn it off first."
            raise Refusal("InvalidRequestException", reason)
        account.client("eks").delete_cluster(name=id)
        group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
        account.client("ec2").delete_security_group(GroupId=group)


def _access_outputs(inputs: dict[str, Any]) -> dict[str, Any]:
    bootstrap = (inputs.get("accessConfig") or {}).get("bootstrapClusterCreatorAdminPermissions", True)
    return {
        "authenticationMode": authentication_mode(inputs),
        "bootstrapClusterCreatorAdminPermissions": bootstrap,
    }


def _make_cluster_group(account: Account, name: str, vpc_id: str) -> str:
    """The group EKS makes for every cluster: everything from itself, everything out."""
    ec2 = account.client("ec2")
    group: str = ec2.create_security_group(
        GroupName=f"eks-cluster-sg-{name}-{mock_random.get_random_hex(9)}",
        Description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        VpcId=vpc_id,
        TagSpecifications=[
            {
                "ResourceType": "security-group",
                "Tags": tag_list({f"kubernetes.io/cluster/{name}": "owned", "aws:eks:cluster-name": name}),
            }
        ],
    )["GroupId"]
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[itself])
    return group


def _valid_service_cidr(cidr: str) -> bool:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return False
    return 12 <= network.prefixlen <= 24 and any(network.subnet_of(each) for each in PRIVATE_RANGES)


def _service_cidr(account: Account, inputs: dict[str, Any], vpc_id: str) -> str:
    if given := (inputs.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr"):
        return str(given)
    blocks = rules.vpc_blocks(account, vpc_id)
    return next(
        cidr for cidr in SERVICE_CIDRS if not any(ipaddress.IPv4Network(cidr).overlaps(block) for block in blocks)
    )


def _vpc_request(vpc_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "subnetIds": vpc_config["subnetIds"],
        "securityGroupIds": vpc_config.get("securityGroupIds") or [],
        "endpointPublicAccess": vpc_config.get("endpointPublicAccess", True),
        "endpointPrivateAccess": vpc_config.get("endpointPrivateAccess", False),
        "publicAccessCidrs": vpc_config.get("publicAccessCidrs") or ["0.0.0.0/0"],
    }


def _vpc_outputs(wanted: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    return {
        **actual,
        "subnetIds": in_order(wanted.get("subnetIds"), actual["subnetIds"]),
        "securityGroupIds": in_order(wanted.get("securityGroupIds"), actual["securityGroupIds"]),
        "publicAccessCidrs": in_order(wanted.get("publicAccessCidrs"), actual["publicAccessCidrs"]),
    }


def _logging(inputs: dict[str, Any]) -> dict[str, Any]:
    wanted = inputs.get("enabledClusterLogTypes") or []
    parts = [(wanted, True), (sorted(LOG_TYPES - set(wanted)), False)]
    return {"clusterLogging": [{"types": types, "enabled": on} for types, on in parts if types]}
