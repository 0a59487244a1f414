"""Faults of instance types, and of the quotas for them."""

from simulator.account import Account
from tests.support.checking import SUBNETS, Fault, Plant

STANDARD, GPU_SPOT, GPU_ON_DEMAND = "L-1216C47A", "L-3819A6DF", "L-DB2E81BA"
BIG = "u-3tb1.56xlarge"


def quota(code: str, vcpus: float) -> Plant:
    def plant(account: Account) -> None:
        account.quotas[code] = vcpus
        account.save()

    return plant


def running(count: int, **tags: str) -> Plant:
    """Let so many m5.2xlarge run, of 8 vCPUs each."""

    def plant(account: Account) -> None:
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        account.client("ec2").run_instances(
            ImageId="ami-0123456789abcdef0",
            InstanceType="m5.2xlarge",
            MinCount=count,
            MaxCount=count,
            SubnetId=SUBNETS[0],
            TagSpecifications=[{"ResourceType": "instance", "Tags": given}] if given else [],
        )

    return plant


FAULTS = (
    Fault(
        name="an instance type that does not exist",
        code="config-refused",
        where="nodePools.cpu.instanceTypes[0]",
        config={"nodePools": {"cpu": {"instanceTypes": ["m5.999xlarge"]}}},
        evidence=("AWS must know it", "m5.999xlarge"),
        remedy=("aws ec2 describe-instance-type-offerings",),
    ),
    Fault(
        name="a type of another architecture",
        code="config-refused",
        where="nodePools.cpu.instanceTypes[1]",
        config={"nodePools": {"cpu": {"instanceTypes": ["m5.xlarge", "m6g.xlarge"]}}},
        evidence=("a type of architecture x86_64", "it is arm64"),
        remedy=("architecture: arm64",),
    ),
    Fault(
        name="a pool for GPUs of a type without",
        code="config-refused",
        where="nodePools.gpu.instanceTypes[0]",
        config={"nodePools": {"gpu": {"gpu": True, "instanceTypes": ["m5.xlarge"]}}},
        evidence=("it has none",),
        remedy=("g4dn.xlarge",),
    ),
    Fault(
        name="a type that a zone does not offer",
        code="instance-type-not-offered",
        where="nodePools.gpu.instanceTypes",
        severity="warning",
        config={"nodePools": {"gpu": {"gpu": True, "instanceTypes": ["g7e.2xlarge"], "maxSize": 2}}},
        evidence=("gpu can have no node in us-east-1b", SUBNETS[1], "offered in us-east-1a, us-east-1c"),
        remedy=("aws ec2 describe-instance-type-offerings", "Name=location,Values=us-east-1b"),
    ),
    Fault(
        name="a type that a zone does not offer to nodes wanted now",
        code="instance-type-not-offered",
        where="nodePools.gpu.instanceTypes",
        config={"nodePools": {"gpu": {"gpu": True, "instanceTypes": ["g7e.2xlarge"], "desiredSize": 1, "maxSize": 2}}},
        evidence=("gpu can have no node in us-east-1b",),
        remedy=("aws ec2 describe-instance-type-offerings", "Name=location,Values=us-east-1b"),
    ),
    Fault(
        name="a type that is not sold on spot",
        code="instance-type-not-sold-so",
        where="nodePools.big.instanceTypes[0]",
        config={
            "nodePools": {
                "big": {
                    "instanceTypes": [BIG],
                    "capacityType": "SPOT",
                    "minSize": 0,
                    "desiredSize": 0,
                    "maxSize": 1,
                }
            }
        },
        evidence=(f"{BIG} is not sold on spot", "on-demand"),
        remedy=("pulumi config set --path 'ray-on-eks:nodePools.big.capacityType' ON_DEMAND",),
    ),
    Fault(
        name="types of unequal shapes",
        code="instance-types-unequal",
        where="nodePools.cpu.instanceTypes[1]",
        severity="warning",
        config={"nodePools": {"cpu": {"instanceTypes": ["m5.xlarge", "m5.4xlarge"], "maxSize": 4}}},
        evidence=("m5.xlarge has 4 vCPUs and 16 GiB", "m5.4xlarge has 16 vCPUs and 64 GiB"),
        remedy=("pool",),
    ),
    Fault(
        name="types with other GPUs",
        code="instance-gpus-differ",
        where="nodePools.gpu.instanceTypes[1]",
        severity="warning",
        config={"nodePools": {"gpu": {"gpu": True, "instanceTypes": ["g4dn.xlarge", "g5.xlarge"], "maxSize": 2}}},
        evidence=("T4", "A10G"),
        remedy=("pool",),
    ),
    Fault(
        name="the quota of a new account",
        code="quota-vcpus",
        where=STANDARD,
        plant=quota(STANDARD, 5),
        evidence=("Running On-Demand Standard", "5 vCPUs, 0 in use elsewhere", "take 8 or more, and up to 32 later"),
        remedy=(
            f"aws service-quotas request-service-quota-increase --service-code ec2 --quota-code {STANDARD} "
            "--desired-value 32 --region us-east-1",
        ),
    ),
    Fault(
        name="a quota that suffices to begin with",
        code="quota-vcpus",
        where=STANDARD,
        severity="warning",
        plant=quota(STANDARD, 16),
        evidence=("16 vCPUs, 0 in use elsewhere", "take up to 32"),
        remedy=("--desired-value 32", "pulumi config set --path 'ray-on-eks:nodePools.cpu.maxSize' 2"),
    ),
    Fault(
        name="no GPUs on spot",
        code="quota-vcpus",
        where=GPU_SPOT,
        severity="warning",
        plant=quota(GPU_SPOT, 0),
        evidence=("All G and VT Spot Instance Requests: 0 vCPUs", "take up to 16"),
        remedy=(f"--quota-code {GPU_SPOT}",),
    ),
    Fault(
        name="no GPUs on demand for the fallback",
        code="quota-vcpus",
        where=GPU_ON_DEMAND,
        severity="warning",
        plant=quota(GPU_ON_DEMAND, 0),
        evidence=("Running On-Demand G and VT instances: 0 vCPUs", "gpu-on-demand"),
        remedy=(f"--quota-code {GPU_ON_DEMAND}",),
    ),
    Fault(
        name="other machines take the quota",
        code="quota-vcpus",
        where=STANDARD,
        severity="warning",
        plant=running(29),
        evidence=("256 vCPUs, 232 in use elsewhere",),
        remedy=("--desired-value 272",),
    ),
)
