"""The control-plane component, against what pulumi-eks builds from the same options."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes
import pytest
from pulumi.automation import EngineEvent, OpType

from simulator.eks.kubeconfig import kubeconfig
from simulator.eks.options import option_problems
from tests.simulator.engine import SUBNET_IDS, VPC_ID, Engine

ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
OPTIONS: dict[str, Any] = {
    "accessEntries": {},
    "authenticationMode": "API",
    "clusterSecurityGroup": object(),
    "kubeProxyAddonOptions": {"enabled": False, "resolveConflictsOnCreate": "OVERWRITE"},
    "serviceRole": object(),
    "skipDefaultNodeGroup": True,
    "skipDefaultSecurityGroups": True,
    "subnetIds": list(SUBNET_IDS),
    "useDefaultVpcCni": True,
    "vpcId": VPC_ID,
}


def _trust(**principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _program() -> None:
    provider = aws.Provider("aws", region="us-east-1", default_tags={"tags": {"team": "ray"}})
    ours = pulumi.ResourceOptions(provider=provider)
    role = aws.iam.Role("cluster-role", assume_role_policy=_trust(Service="eks.amazonaws.com"), opts=ours)
    policy = aws.iam.RolePolicyAttachment(
        "cluster-policy",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        opts=ours,
    )
    admin = aws.iam.Role("admin", assume_role_policy=_trust(AWS="arn:aws:iam::123456789012:root"), opts=ours)
    group = aws.ec2.SecurityGroup("nodes", vpc_id=VPC_ID, description="nodes", opts=ours)
    logs = aws.cloudwatch.LogGroup("logs", name="/aws/eks/ray/cluster", retention_in_days=7, opts=ours)
    cluster = _control_plane(
        group,
        role,
        admin,
        pulumi.ResourceOptions(depends_on=[logs, policy], providers=[provider]),
    )
    reached = kubernetes.Provider("kubernetes", kubeconfig=cluster.kubeconfig_json)
    kubernetes.storage.v1.StorageClass(
        "gp3", provisioner="ebs.csi.aws.com", opts=pulumi.ResourceOptions(provider=reached)
    )
    pulumi.export("group", group.id)
    _export(cluster)


def _control_plane(
    group: aws.ec2.SecurityGroup, role: aws.iam.Role, admin: aws.iam.Role, opts: pulumi.ResourceOptions
) -> eks.Cluster:
    return eks.Cluster(
        "ray",
        name="ray",
        version="1.35",
        vpc_id=VPC_ID,
        subnet_ids=list(SUBNET_IDS),
        cluster_security_group=group,
        service_role=role,
        skip_default_node_group=True,
        skip_default_security_groups=True,
        authentication_mode=eks.AuthenticationMode.API,
        kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
        coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
        use_default_vpc_cni=True,
        bootstrap_self_managed_addons=False,
        endpoint_private_access=True,
        endpoint_public_access=False,
        enabled_cluster_log_types=["api"],
        kubernetes_service_ip_address_range="172.20.0.0/16",
        tags={"stage": "test"},
        access_entries={
            "admins": eks.AccessEntryArgs(
                principal_arn=admin.arn,
                access_policies={
                    "all": eks.AccessPolicyAssociationArgs(
                        policy_arn=ADMIN_POLICY,
                        access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                    )
                },
            )
        },
        opts=opts,
    )


def _export(cluster: eks.Cluster) -> None:
    pulumi.export("kubeconfig", cluster.kubeconfig)
    pulumi.export("kubeconfigJson", cluster.kubeconfig_json)
    pulumi.export("tags", cluster.eks_cluster.tags_all)
    pulumi.export("clusterSecurityGroupId", cluster.cluster_security_group_id)
    pulumi.export("nodeSecurityGroupId", cluster.node_security_group_id)
    pulumi.export("createdByEks", cluster.eks_cluster.vpc_config.cluster_security_group_id)
    pulumi.export("issuer", cluster.oidc_provider_url)
    pulumi.export("issuerWithoutScheme", cluster.oidc_issuer)
    pulumi.export("coreArn", cluster.core.cluster.arn)
    pulumi.export("coreEndpoint", cluster.core.endpoint)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was seen of one stack: its state and outputs, what later runs changed, and the order of deletions."""
    engine = Engine(tmp_path_factory.mktemp("life"))
    packages = ("aws", "eks", "kubernetes")
    deleted: list[str] = []

    def note(event: EngineEvent) -> None:
        done = event.res_outputs_event
        if done is not None and done.metadata.op is OpType.DELETE:
            deleted.append(done.metadata.urn.rsplit("::", 1)[1])

    seen: dict[str, Any] = {"deleted": deleted}
    with engine.serving(packages) as stack:
        running = stack(_program)
        seen["preview"] = running.preview().change_summary
        seen["outputs"] = {name: each.value for name, each in running.up().outputs.items()}
        seen["second"] = running.up().summary.resource_changes
        seen["state"] = (running.export_stack().deployment or {})["resources"]
    with engine.serving(packages) as stack:
        running = stack(_program)
        seen["refreshed"] = running.refresh().summary.resource_changes
        running.destroy(on_event=note)
    seen["left"] = json.loads(engine.account_path.read_text())
    return seen


def _of_state(life: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in life["state"] if each["urn"].endswith(f"::{name}"))
    return dict(found)


def _count(life: dict[str, Any]) -> int:
    """The resources of the state that the engine reports on: all but the providers it makes by itself."""
    return sum(not each["urn"].rsplit("::", 1)[1].startswith("default") for each in life["state"])


@pytest.mark.engine
def test_a_preview_foretells_every_resource(life: dict[str, Any]) -> None:
    assert life["preview"] == {"create": _count(life)}


@pytest.mark.engine
def test_a_second_up_and_a_refresh_after_a_reload_change_nothing(life: dict[str, Any]) -> None:
    assert life["second"] == {"same": _count(life)}
    assert life["refreshed"] == {"same": _count(life)}


@pytest.mark.engine
def test_destroy_leaves_nothing(life: dict[str, Any]) -> None:
    assert life["left"]["resources"] == []
    assert life["left"]["kubernetes"] == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "kind", "parent"),
    [
        ("ray-eksCluster", "aws:eks/cluster:Cluster", "ray"),
        ("ray-eks-k8s", "pulumi:providers:kubernetes", "ray"),
        ("ray-admins", "aws:eks/accessEntry:AccessEntry", "ray"),
        ("ray-admins-all", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "ray-admins"),
    ],
)
def test_children_have_the_real_names_and_parents(life: dict[str, Any], name: str, kind: str, parent: str) -> None:
    child = _of_state(life, name)
    assert child["type"] == kind
    assert child["parent"].endswith(f"::{parent}")


@pytest.mark.engine
def test_the_control_plane_is_made_from_the_options(life: dict[str, Any]) -> None:
    inputs = _of_state(life, "ray-eksCluster")["inputs"]
    assert inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert inputs["kubernetesNetworkConfig"] == {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"}
    assert inputs["tags"] == {"Name": "ray-eksCluster", "stage": "test"}
    assert inputs["vpcConfig"] == {
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
        "securityGroupIds": [life["outputs"]["group"]],
        "subnetIds": list(SUBNET_IDS),
    }


@pytest.mark.engine
def test_the_aws_provider_of_the_component_reaches_its_children(life: dict[str, Any]) -> None:
    assert "::aws::" in _of_state(life, "ray-eksCluster")["provider"]
    assert life["outputs"]["tags"] == {"Name": "ray-eksCluster", "stage": "test", "team": "ray"}


@pytest.mark.engine
def test_the_outputs_tell_of_the_control_plane(life: dict[str, Any]) -> None:
    outputs = life["outputs"]
    assert outputs["clusterSecurityGroupId"] == outputs["group"]
    assert outputs["nodeSecurityGroupId"] == outputs["createdByEks"] != outputs["group"]
    assert outputs["issuer"] == f"https://{outputs['issuerWithoutScheme']}"
    assert outputs["coreArn"] == "arn:aws:eks:us-east-1:123456789012:cluster/ray"
    assert json.loads(outputs["kubeconfigJson"]) == outputs["kubeconfig"]
    assert outputs["kubeconfig"]["clusters"][0]["cluster"]["server"] == outputs["coreEndpoint"]


@pytest.mark.engine
def test_children_do_not_inherit_depends_on_and_go_first_all_the_same(life: dict[str, Any]) -> None:
    logs = _of_state(life, "logs")["urn"]
    assert logs in _of_state(life, "ray")["dependencies"]
    assert logs not in _of_state(life, "ray-eksCluster").get("dependencies", [])
    order = life["deleted"]
    assert order.index("gp3") < order.index("ray-eksCluster") < order.index("ray") < order.index("logs")


def test_the_options_that_are_played_are_accepted() -> None:
    assert option_problems(OPTIONS) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"minSize": 1}, "minSize"),
        ({"storageClasses": "gp2"}, "storageClasses"),
        ({"authenticationMode": "CONFIG_MAP"}, "authenticationMode"),
        ({"authenticationMode": None}, "authenticationMode"),
        ({"createOidcProvider": True}, "createOidcProvider"),
        ({"skipDefaultNodeGroup": False}, "skipDefaultNodeGroup"),
        ({"kubeProxyAddonOptions": None}, "kubeProxyAddonOptions"),
        ({"kubeProxyAddonOptions": {"enabled": True}}, "kubeProxyAddonOptions"),
        ({"corednsAddonOptions": {"enabled": False, "configurationValues": {"a": 1}}}, "corednsAddonOptions"),
        ({"serviceRole": None}, "serviceRole"),
        ({"vpcId": None}, "vpcId"),
        ({"subnetIds": None}, "subnetIds"),
        ({"privateSubnetIds": ["a"]}, "subnetIds"),
        ({"endpointPublicAccess": False, "publicAccessCidrs": ["10.0.0.0/8"]}, "publicAccessCidrs"),
    ],
)
def test_an_option_that_would_make_another_cluster_is_refused(change: dict[str, Any], path: str) -> None:
    assert [where for where, _ in option_problems({**OPTIONS, **change})] == [path]


def test_the_profile_is_in_the_kubeconfig_of_the_provider_alone() -> None:
    def args(with_profile: bool) -> list[str]:
        document = kubeconfig(
            name="ray",
            endpoint="https://ray.example",
            certificate="",
            region="eu-west-1",
            credentials={"profileName": "ops", "roleArn": "arn:aws:iam::123456789012:role/ops"},
            with_profile=with_profile,
        )
        return list(document["users"][0]["user"]["exec"]["args"])

    assert args(True) == [*args(False), "--profile", "ops"]
    assert args(False)[:2] == ["--region", "eu-west-1"]
    assert args(False)[-2:] == ["--role", "arn:aws:iam::123456789012:role/ops"]
