"""Makes resources in a simulated account as the program would, each sound unless a test says otherwise."""

from __future__ import annotations

import base64
import copy
import functools
import json
from typing import Any

from simulator import aws
from simulator.account import Account, network_fixture
from simulator.account.resource import Resource, ResourceType

VPC = "vpc-0a1b2c3d4e5f60001"
SUBNETS = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
OTHER_VPC, OTHER_SUBNET = "vpc-0b1b2c3d4e5f60002", "subnet-0b1b2c3d4e5f60009"
CLUSTER = "ray"
LOG_GROUP = f"/aws/eks/{CLUSTER}/cluster"
LOG_GROUP_ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{LOG_GROUP}"
ROOT = "arn:aws:iam::123456789012:root"
MANAGED = "arn:aws:iam::aws:policy/"
TYPES = {each.token.rpartition(":")[2]: each for each in aws.RESOURCE_TYPES}


NODE_CONFIG = """MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="BOUNDARY"

--BOUNDARY
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec: {kubelet: {config: {maxPods: 110}}}
--BOUNDARY--
"""


def encoded(text: str) -> str:
    """User data as a launch template takes it."""
    return base64.b64encode(text.encode()).decode()


class Rejected(Exception):
    """What pulumi-aws refuses at preview, without asking AWS."""


def trust(service: str) -> str:
    """A trust policy for an AWS service."""
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def document(*statements: dict[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def owner_statement() -> dict[str, Any]:
    """The statement without which nobody can change a key any more."""
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def logs_statement(
    *, service: str = "logs.us-east-1.amazonaws.com", log_group_arn: str = LOG_GROUP_ARN, **changes: Any
) -> dict[str, Any]:
    """The statement that lets CloudWatch Logs use a key for one log group."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": log_group_arn}},
        **changes,
    }


class ByHand:
    """Each method makes one part of a sound cluster and returns the resource; keyword arguments change inputs."""

    def __init__(self, account: Account) -> None:
        self.account = account
        network_fixture.ensure_network(account, VPC, SUBNETS)

    def make(self, kind: str, **inputs: Any) -> Resource:
        """Check and create, as the engine does. A value of None leaves the property out."""
        given = copy.deepcopy({key: value for key, value in inputs.items() if value is not None})
        if problems := self.account.check(self.type(kind), given):
            raise Rejected("; ".join(f"{name}: {reason}" for name, reason in problems))
        return self.account.create(self.type(kind), given)

    def inputs(self, kind: str, id: str) -> dict[str, Any]:
        """What a resource was last made or changed from."""
        record = self.account.record(self.type(kind).token, id)
        assert record is not None
        return copy.deepcopy(record.inputs)

    def update(self, kind: str, id: str, **changes: Any) -> dict[str, Any]:
        """Change some inputs of a resource and return its outputs; the others are as they are, whatever they are."""
        wanted = self.inputs(kind, id) | changes
        new = copy.deepcopy({key: value for key, value in wanted.items() if value is not None})
        if problems := self.account.check(self.type(kind), new):
            raise Rejected("; ".join(f"{name}: {reason}" for name, reason in problems))
        return self.account.update(self.type(kind), id, new)

    def delete(self, kind: str, id: str) -> None:
        self.account.delete(self.type(kind), id)

    def read(self, kind: str, id: str) -> tuple[dict[str, Any], Resource] | None:
        return self.account.read(self.type(kind), id)

    @staticmethod
    def type(kind: str) -> ResourceType:
        return TYPES[kind]

    def role(self, name: str, trust_policy: str, *policies: str) -> Resource:
        """A role with AWS-managed policies, by their names."""
        role = self.make("Role", name=name, assumeRolePolicy=trust_policy)
        for policy in policies:
            self.make("RolePolicyAttachment", role=name, policyArn=MANAGED + policy)
        return role

    def cluster_role(self) -> Resource:
        return self.role("cluster", trust("eks.amazonaws.com"), "AmazonEKSClusterPolicy")

    def node_role(self) -> Resource:
        policies = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
        return self.role("node", trust("ec2.amazonaws.com"), *policies)

    def security_group(
        self, *, name: str = "nodes", internet: bool = True, private: bool = True, itself: bool = True
    ) -> str:
        """The id of a group with the rules of the product, or with some of them left out."""
        group = self.make("SecurityGroup", name=name, description="nodes", vpcId=VPC).id
        if itself:
            rule = {"securityGroupId": group, "ipProtocol": "-1", "referencedSecurityGroupId": group}
            self.make("SecurityGroupIngressRule", **rule)
            self.make("SecurityGroupEgressRule", **rule)
        if private:
            self.make("SecurityGroupEgressRule", securityGroupId=group, ipProtocol="-1", cidrIpv4="10.0.0.0/8")
        if internet:
            to_https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"}
            self.make("SecurityGroupEgressRule", securityGroupId=group, **to_https)
        return group

    def cluster(self, *, security_group: str, role_arn: str | None = None, **changes: Any) -> Resource:
        """A control plane as the product sets it: private endpoint, no self-managed addons."""
        vpc_config = {
            "subnetIds": SUBNETS,
            "securityGroupIds": [security_group],
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
        }
        inputs = {
            "name": CLUSTER,
            "version": "1.35",
            "roleArn": role_arn or self.cluster_role().outputs["arn"],
            "bootstrapSelfManagedAddons": False,
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "vpcConfig": {**vpc_config, **changes.pop("vpcConfig", {})},
        }
        return self.make("Cluster", **{**inputs, **changes})

    def oidc_provider(self, cluster: Resource) -> Resource:
        issuer = cluster.outputs["identities"][0]["oidcs"][0]["issuer"]
        return self.make("OpenIdConnectProvider", url=issuer, clientIdLists=["sts.amazonaws.com"])

    def service_account_trust(
        self, provider: Resource, service_account: str, audience: str = "sts.amazonaws.com"
    ) -> str:
        """The trust policy of a role for NAMESPACE:NAME."""
        issuer = provider.outputs["url"].removeprefix("https://")
        subject = {f"{issuer}:sub": f"system:serviceaccount:{service_account}", f"{issuer}:aud": audience}
        return document(
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider.id},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": subject},
            }
        )

    def network_addons(self, provider: Resource) -> None:
        """vpc-cni with a role of its own, and kube-proxy."""
        admits = self.service_account_trust(provider, "kube-system:aws-node")
        role = self.role("cni", admits, "AmazonEKS_CNI_Policy")
        self.addon("vpc-cni", serviceAccountRoleArn=role.outputs["arn"])
        self.addon("kube-proxy")

    def addon(self, name: str, **changes: Any) -> Resource:
        return self.make("Addon", **{"clusterName": CLUSTER, "addonName": name, **changes})

    def launch_template(self, *, security_group: str | None, **changes: Any) -> Resource:
        inputs = {
            "name": "cpu-template",
            "vpcSecurityGroupIds": [security_group] if security_group else None,
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "updateDefaultVersion": True,
        }
        return self.make("LaunchTemplate", **{**inputs, **changes})

    def node_group(self, *, role_arn: str, template: Resource | None, **changes: Any) -> Resource:
        reference = {"id": template.id, "version": str(template.outputs["latestVersion"])} if template else None
        inputs = {
            "clusterName": CLUSTER,
            "nodeGroupName": "cpu",
            "nodeRoleArn": role_arn,
            "subnetIds": SUBNETS,
            "scalingConfig": {"minSize": 2, "desiredSize": 3, "maxSize": 10},
            "instanceTypes": ["m5.xlarge", "m5.2xlarge"],
            "amiType": "AL2023_x86_64_STANDARD",
            "capacityType": "ON_DEMAND",
            "launchTemplate": reference,
        }
        return self.make("NodeGroup", **{**inputs, **changes})


class SoundCluster:
    """A cluster that lacks its node groups only, part by part."""

    def __init__(self, hand: ByHand, **cluster_changes: Any) -> None:
        self.hand = hand
        self.security_group = hand.security_group()
        self.cluster = hand.cluster(security_group=self.security_group, **cluster_changes)
        self.provider = hand.oidc_provider(self.cluster)
        hand.network_addons(self.provider)
        self.node_role_arn: str = hand.node_role().outputs["arn"]

    def node_group(self, *, template: Resource | None = None, **changes: Any) -> Resource:
        """A sound node group."""
        return self.hand.node_group(role_arn=self.node_role_arn, template=template or self.template, **changes)

    @functools.cached_property
    def template(self) -> Resource:
        """The template of node groups that get no other, made at first use."""
        return self.hand.launch_template(security_group=self.security_group)


class ClusterParts:
    """What a control plane stands on, made once."""

    def __init__(self, hand: ByHand) -> None:
        self.hand = hand
        self.security_group = hand.security_group()
        self.role_arn: str = hand.cluster_role().outputs["arn"]

    def cluster(self, **changes: Any) -> Resource:
        parts = {"security_group": self.security_group, "role_arn": self.role_arn}
        return self.hand.cluster(**{**parts, **changes})
