"""Faults of the endpoints of a VPC without a way out."""

from moto.ec2.models import ec2_backends

from simulator.account import Account
from simulator.aws.by_hand import add_vpc_endpoints
from tests.simulator.planted.network import table_of
from tests.support.checking import SUBNETS, VPC, Config, Fault, Planted

REGISTRIES = ("docker.io", "nvcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io")
MIRRORS = {each: f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{each.partition('.')[0]}" for each in REGISTRIES}
PRIVATE: Config = {"security": {"egress": "private"}, "addons": {"imageMirrors": MIRRORS}}


SERVICES = ("ec2", "ecr.api", "ecr.dkr", "sts", "eks", "autoscaling", "sqs", "logs", "elasticloadbalancing")


def endpoints(account: Account, *services: str) -> list[str]:
    add_vpc_endpoints(account, VPC, "s3", kind="Gateway")
    return add_vpc_endpoints(account, VPC, *services)


def all_endpoints(account: Account) -> None:
    endpoints(account, *SERVICES)


def no_endpoint_of_sts(account: Account) -> None:
    endpoints(account, *(each for each in SERVICES if each != "sts"))


def no_endpoint_of_s3(account: Account) -> None:
    add_vpc_endpoints(account, VPC, *SERVICES)


def without_private_dns(account: Account) -> Planted:
    endpoint = endpoints(account, *SERVICES)[0]
    ec2_backends[account.account_id][account.region].vpc_end_points[endpoint].private_dns_enabled = False
    return Planted(where=endpoint)


def behind_a_closed_group(account: Account) -> Planted:
    ec2, endpoint = account.client("ec2"), endpoints(account, *SERVICES)[3]
    group = ec2.create_security_group(GroupName="closed", Description="closed", VpcId=VPC)["GroupId"]
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint,
        AddSecurityGroupIds=[group],
        RemoveSecurityGroupIds=[each["GroupId"] for each in found["Groups"]],
    )
    return Planted(where=endpoint)


def s3_elsewhere(account: Account) -> Planted:
    endpoints(account, *SERVICES)
    ec2, table = account.client("ec2"), table_of(account, SUBNETS[0])
    filters = [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]
    (found,) = ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    ec2.modify_vpc_endpoint(VpcEndpointId=found["VpcEndpointId"], RemoveRouteTableIds=[table])
    return Planted(where=found["VpcEndpointId"])


FAULTS = (
    Fault(
        name="a private stack without an endpoint of STS",
        code="endpoint-missing",
        where=VPC,
        config=PRIVATE,
        plant=no_endpoint_of_sts,
        evidence=("no endpoint of sts", "ecr.api"),
        remedy=(
            f"aws ec2 create-vpc-endpoint --vpc-id {VPC} --service-name com.amazonaws.us-east-1.sts",
            f"--subnet-ids {' '.join(SUBNETS)}",
        ),
    ),
    Fault(
        name="a private stack without an endpoint of S3",
        code="endpoint-missing",
        where=VPC,
        config=PRIVATE,
        plant=no_endpoint_of_s3,
        evidence=("no endpoint of s3",),
        remedy=("--service-name com.amazonaws.us-east-1.s3 --vpc-endpoint-type Gateway --route-table-ids rtb-",),
    ),
    Fault(
        name="an endpoint without private DNS",
        code="endpoint-unusable",
        config=PRIVATE,
        plant=without_private_dns,
        evidence=("The endpoint of ec2", "private DNS off"),
        remedy=("aws ec2 modify-vpc-endpoint --vpc-endpoint-id HERE", "--private-dns-enabled"),
    ),
    Fault(
        name="an endpoint that admits nobody",
        code="endpoint-unusable",
        config=PRIVATE,
        plant=behind_a_closed_group,
        evidence=("The endpoint of sts", "do not admit 443/tcp from 10.0.0.0/20, 10.0.16.0/20"),
        remedy=("aws ec2 authorize-security-group-ingress", "--port 443 --cidr 10.0.0.0/20"),
    ),
    Fault(
        name="the gateway of S3 is in other route tables",
        code="endpoint-unusable",
        config=PRIVATE,
        plant=s3_elsewhere,
        evidence=("The endpoint of s3", "is not in the route table rtb-"),
        remedy=("aws ec2 modify-vpc-endpoint --vpc-endpoint-id HERE", "--add-route-table-ids rtb-"),
    ),
)
