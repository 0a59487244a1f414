"""What the scanners are given, and what is made of their findings. `make scan` runs the scanners themselves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ray_platform.plan.recording import Node, Recording
from tests.support.graph import recorded
from tools.bootstrap.progress import SetupError
from tools.bootstrap.steps import ROOT
from tools.scanners import __main__ as command
from tools.scanners import environment, planted
from tools.scanners.manifests import kubernetes_version, manifests, ray_pods
from tools.scanners.policies import policies
from tools.scanners.run import findings_of, reports_of
from tools.scanners.terraform import plan
from tools.scanners.verdict import Excepted, Finding, judge, load

of_each_stack = pytest.mark.parametrize("stack", command.STACKS)


def finding(check: str = "CKV_1", resource: str = "Pod.ray.head", *, stack: str = "dev", detail: str = "") -> Finding:
    return Finding(stack=stack, scanner="checkov", check=check, resource=resource, detail=detail)


def excepted(check: str = "CKV_1", *resources: str, stacks: tuple[str, ...] = ("dev",), detail: str = "*") -> Excepted:
    return Excepted(check=check, resources=resources or ("Pod.*",), reason="so", stacks=stacks, detail=detail)


def values(document: dict[str, Any]) -> dict[str, Any]:
    return {each["address"]: each["values"] for each in document["planned_values"]["root_module"]["resources"]}


@of_each_stack
def test_every_aws_resource_and_nothing_else_is_in_the_plan(stack: str) -> None:
    recording = recorded(stack)
    resources = [each for each in recording.nodes.values() if each.custom and each.type.startswith("aws:")]

    document = plan(recording)

    assert len(values(document)) == len(resources) > 50
    assert {each["address"] for each in document["resource_changes"]} == values(document).keys()


def test_the_control_plane_has_what_the_component_was_given() -> None:
    cluster = values(plan(recorded("dev")))["aws_eks_cluster.ray-dev-eksCluster"]

    (network,) = cluster["vpc_config"]
    assert (network["endpoint_public_access"], network["endpoint_private_access"]) == (False, True)
    assert cluster["encryption_config"][0]["resources"] == ["secrets"]
    assert cluster["encryption_config"][0]["provider"][0]["key_arn"].endswith("key/ray-dev-key")
    assert "audit" in cluster["enabled_cluster_log_types"]


def test_blocks_are_lists_and_the_users_own_keys_stay() -> None:
    resources = values(plan(recorded("dev")))
    template, group = resources["aws_launch_template.ray-dev-gpu"], resources["aws_eks_node_group.ray-dev-gpu"]

    assert template["metadata_options"][0]["http_put_response_hop_limit"] == 1
    assert isinstance(template["metadata_options"][0]["http_put_response_hop_limit"], int)
    assert template["tag_specifications"][0]["tags"]["node-termination-handler/ray-dev"] == "true"
    assert group["labels"]["ray.io/node-pool"] == "gpu"
    assert group["taint"][0]["key"] == "nvidia.com/gpu"


def test_references_lead_from_one_resource_to_the_next() -> None:
    configured = plan(recorded("dev"))["configuration"]["root_module"]["resources"]
    by_address = {each["address"]: each["expressions"] for each in configured}

    cluster = by_address["aws_eks_cluster.ray-dev-eksCluster"]
    assert cluster["vpc_config"]["references"] == ["aws_security_group.ray-dev-node.id"]
    assert by_address["aws_kms_alias.ray-dev-key-alias"]["target_key_id"]["references"] == [
        "aws_kms_key.ray-dev-key.id"
    ]


def test_what_is_not_set_has_no_reference_in_its_place() -> None:
    faulty = plan(planted.planted(recorded("dev"), planted.DEV))

    configured = {each["address"]: each["expressions"] for each in faulty["configuration"]["root_module"]["resources"]}
    assert "kms_key_id" not in configured["aws_cloudwatch_log_group.ray-dev-logs"]


def test_a_rule_of_all_protocols_says_its_ports_where_it_is_for_addresses() -> None:
    resources = values(plan(recorded("dev")))
    private = resources["aws_vpc_security_group_egress_rule.ray-dev-to-10-0-0-0-8"]

    assert (private["from_port"], private["to_port"]) == (0, 65535)
    assert "from_port" not in resources["aws_vpc_security_group_ingress_rule.ray-dev-from-itself"]


def test_a_type_that_the_scanners_would_not_see_is_refused() -> None:
    bucket = Node(
        urn="u", type="aws:s3/bucket:Bucket", name="b", parent="", custom=True, inputs={}, dependencies=frozenset()
    )

    with pytest.raises(ValueError, match="aws:s3/bucket:Bucket"):
        plan(Recording(nodes={"u": bucket}))


@of_each_stack
def test_every_policy_document_is_found(stack: str) -> None:
    found = policies(recorded(stack))

    roles = [each for each in recorded(stack).nodes.values() if each.type == "aws:iam/role:Role"]
    assert sum(name.endswith(" assumeRolePolicy") for name in found) == len(roles) > 0
    rights = {name for name in found if name.endswith(" policy")}
    assert {f"ray-{stack}-key policy", f"ray-{stack}-interruption policy"} < rights
    assert all(statement["Resource"] for document in found.values() for statement in document["Statement"])


@of_each_stack
def test_every_object_is_a_manifest_and_ray_is_its_pods(stack: str) -> None:
    found = manifests(recorded(stack))

    kinds = {each["kind"] for each in found.values()}
    assert "RayCluster" not in kinds
    assert {"Deployment", "DaemonSet", "NetworkPolicy", "ClusterRole", "Pod"} < kinds
    pods = [each for each in found.values() if each["kind"] == "Pod"]
    assert {each["metadata"]["name"] for each in pods} == {"ray-head", "ray-cpu", "ray-gpu"}
    assert kubernetes_version(recorded(stack)) == "1.35"


def test_the_head_has_the_autoscalers_container_with_its_own_security_context() -> None:
    head = manifests(recorded("dev"))["ray-dev-ray-head"]

    ray, autoscaler = head["spec"]["containers"]
    assert autoscaler["image"] == ray["image"]
    assert autoscaler["securityContext"]["allowPrivilegeEscalation"] is False


def test_without_the_autoscaler_the_head_is_as_it_is_written() -> None:
    container = {"name": "ray-head", "image": "ray:1"}
    template = {"spec": {"containers": [container]}}
    cluster = {
        "metadata": {"namespace": "ray"},
        "spec": {"headGroupSpec": {"template": template}, "workerGroupSpecs": []},
    }

    assert [(name, pod["spec"]["containers"]) for name, pod in ray_pods(cluster)] == [("head", [container])]


def test_a_planted_fault_changes_its_resource_and_leaves_the_recording_alone() -> None:
    before = json.dumps(plan(recorded("dev")))

    faulty = values(plan(planted.planted(recorded("dev"), planted.DEV)))

    assert "kms_key_id" not in faulty["aws_cloudwatch_log_group.ray-dev-logs"]
    assert faulty["aws_eks_cluster.ray-dev-eksCluster"]["vpc_config"][0]["endpoint_public_access"] is True
    assert json.dumps(plan(recorded("dev"))) == before


def test_a_fault_without_a_resource_to_plant_it_in_is_refused() -> None:
    astray = replace(planted.DEV[0], name="gone")

    with pytest.raises(LookupError, match="gone"):
        planted.planted(recorded("dev"), [astray])


def test_a_fault_is_seen_only_when_its_finding_is_new_and_nobody_excepts_it() -> None:
    fault = replace(planted.DEV[0], seen=("CKV_1", "Pod.ray.head"))

    assert planted.unseen([fault], [finding()], clean=[]) == []
    assert planted.unseen([fault], [finding()], clean=[finding()]) == [f"{fault.title}: CKV_1 Pod.ray.head"]
    assert planted.unseen([fault], [], clean=[]) == [f"{fault.title}: CKV_1 Pod.ray.head"]


@pytest.mark.parametrize(
    "other",
    [
        finding("CKV_2"),
        finding(resource="Deployment.x"),
        finding(stack="prod"),
        finding(detail="another condition"),
    ],
)
def test_an_exception_covers_its_check_resource_stack_and_detail_only(other: Finding) -> None:
    covered = finding(detail="this one")

    verdict = judge([covered, other], [excepted(detail="this*")])

    assert (verdict.unexplained, verdict.excused, verdict.idle) == ([other], {"CKV_1": 1}, [])
    assert not verdict.clean


def test_an_exception_that_matches_nothing_any_more_is_an_error() -> None:
    verdict = judge([finding()], [excepted("CKV_1", "Pod.*", "DaemonSet.*", stacks=("dev", "prod"))])

    assert [line.split(": nothing")[0] for line in verdict.idle] == [
        "dev: CKV_1 DaemonSet.*",
        "prod: CKV_1 Pod.*",
        "prod: CKV_1 DaemonSet.*",
    ]
    assert verdict.unexplained == [] and not verdict.clean


def test_the_committed_exceptions_have_reasons() -> None:
    exceptions = load(command.EXCEPTIONS, command.STACKS)

    assert len(exceptions) < 30
    assert [each.check for each in exceptions if len(each.reason.split()) < 6] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {check: A, resources: [b]}", "reason is missing"),
        ("- {check: A, resources: [b], reason: ''}", "reason is missing"),
        ("- {check: A, resources: [], reason: c}", "resources is missing"),
        ("- {check: A, resources: ['*'], reason: c}", "excepts all"),
        ("- {check: A, resources: [b], reason: c, stacks: [test]}", "no stack test"),
        ("- {check: A, resources: [b], reason: c, until: never}", "until is not one of"),
    ],
)
def test_a_faulty_exception_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)

    with pytest.raises(ValueError, match=words):
        load(file, command.STACKS)


def report(framework: str, **results: Any) -> dict[str, Any]:
    return {"check_type": framework, "results": {"failed_checks": [], "parsing_errors": [], **results}}


def test_a_failed_check_is_a_finding() -> None:
    failed = {"check_id": "CKV_1", "resource": "Pod.ray.head", "check_name": "Be good"}

    assert list(findings_of(report("kubernetes", failed_checks=[failed]), "dev")) == [finding(detail="Be good")]


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([report("kubernetes")], "judged nothing as terraform_plan"),
        ({"passed": 0, "failed": 0}, "judged nothing as kubernetes, terraform_plan"),
        ([report("kubernetes", parsing_errors=["a.json"]), report("terraform_plan")], "could not read a.json"),
    ],
)
def test_silence_is_no_verdict(reports: Any, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        reports_of(json.dumps(reports))


def test_the_command_ends_well_only_without_findings_idle_exceptions_and_unseen_faults() -> None:
    assert command.report([finding()], [excepted()], []) == 0
    assert command.report([finding(), finding("CKV_2")], [excepted()], []) == 1
    assert command.report([], [excepted()], []) == 1
    assert command.report([finding()], [excepted()], ["a privileged worker"]) == 1


def test_other_pins_are_another_environment(tmp_path: Path) -> None:
    pins = tmp_path / environment.PINS
    pins.mkdir(parents=True)
    for name in environment.FILES:
        (pins / name).write_text((ROOT / environment.PINS / name).read_text())
    assert environment.fingerprint(tmp_path) == environment.fingerprint(ROOT)

    (pins / "constraints.txt").write_text("")

    assert environment.fingerprint(tmp_path) != environment.fingerprint(ROOT)


def test_an_environment_that_is_there_is_found_without_a_network(tmp_path: Path) -> None:
    assert environment.cached(ROOT, tmp_path) is None
    python = tmp_path / environment.fingerprint(ROOT) / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)

    assert environment.ready(ROOT, tmp_path) == python


def test_the_scanners_are_pinned_and_so_is_all_below_them() -> None:
    lines = [
        line
        for name in environment.FILES
        for line in (ROOT / environment.PINS / name).read_text().splitlines()
        if line and not line.startswith(("#", "-c"))
    ]

    assert len(lines) > 90
    assert [line for line in lines if "==" not in line] == []
