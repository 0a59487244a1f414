"""Faults of the versions in use."""

from datetime import date

from simulator.account import Account
from simulator.aws import RESOURCE_TYPES
from tests.simulator.aws_by_hand import trust
from tests.support.checking import CLUSTER, SUBNETS, Fault, Plant

OWN_URN = "urn:pulumi:dev::ray-on-eks::aws:eks/cluster:Cluster::ray-dev"
TYPES = {each.token.rpartition(":")[2]: each for each in RESOURCE_TYPES}


def cluster(*, own: bool = True, creator: bool = True, version: str = "1.35") -> Plant:
    """A control plane of the configured name, made by this stack or by somebody else."""

    def plant(account: Account) -> None:
        role = {"name": "cluster", "assumeRolePolicy": trust("eks.amazonaws.com")}
        made = account.create(TYPES["Role"], role)
        policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
        account.create(TYPES["RolePolicyAttachment"], {"role": "cluster", "policyArn": policy})
        access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": creator}
        account.create(
            TYPES["Cluster"],
            {
                "name": CLUSTER,
                "version": version,
                "roleArn": made.outputs["arn"],
                "bootstrapSelfManagedAddons": False,
                "accessConfig": access,
                "vpcConfig": {"subnetIds": list(SUBNETS), "endpointPrivateAccess": True},
            },
            OWN_URN if own else "",
        )

    return plant


FAULTS = (
    Fault(
        name="standard support ends soon",
        code="kubernetes-support",
        where="cluster.kubernetesVersion",
        severity="warning",
        config={"cluster": {"kubernetesVersion": "1.34"}},
        evidence=("2026-12-02", "0.50 USD more per hour"),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' 1.35",),
    ),
    Fault(
        name="standard support ended",
        code="kubernetes-support",
        where="cluster.kubernetesVersion",
        config={"cluster": {"kubernetesVersion": "1.34", "supportType": "STANDARD"}},
        today=date(2026, 12, 3),
        evidence=("left standard support on 2026-12-02", "upgrades it by itself"),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' 1.35",),
    ),
    Fault(
        name="extended support costs more",
        code="kubernetes-support",
        where="cluster.kubernetesVersion",
        severity="warning",
        config={"cluster": {"kubernetesVersion": "1.34", "supportType": "EXTENDED"}},
        today=date(2026, 12, 3),
        evidence=("365 USD per month",),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' 1.35",),
    ),
    Fault(
        name="an addon version that EKS does not offer",
        code="addon-version",
        where="addons.vpcCni.version",
        config={"addons": {"vpcCni": {"version": "v1.21.9-eksbuild.1"}}},
        evidence=("vpc-cni v1.21.9-eksbuild.1 for Kubernetes 1.35", "v1.21.2-eksbuild.2, v1.22.4-eksbuild.3"),
        remedy=("pulumi config set --path 'ray-on-eks:addons.vpcCni.version' v1.22.4-eksbuild.3",),
    ),
    Fault(
        name="an earlier version than the cluster's",
        code="kubernetes-step",
        where="cluster.kubernetesVersion",
        config={"cluster": {"kubernetesVersion": "1.34"}},
        plant=cluster(),
        evidence=("ray-dev runs 1.35, the configuration wants 1.34",),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' 1.35",),
        beside=frozenset({"kubernetes-support"}),
    ),
    Fault(
        name="two versions above the cluster's",
        code="kubernetes-step",
        where="cluster.kubernetesVersion",
        plant=cluster(version="1.33"),
        evidence=("ray-dev runs 1.33, the configuration wants 1.35",),
        remedy=("pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion' 1.34",),
    ),
)
