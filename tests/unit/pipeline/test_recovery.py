"""What a killed run left pending: how it is read, what is looked for, whose it must be, and what the state is after."""

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi import automation as auto
from pulumi.automation.errors import CommandError

from ray_platform.pipeline import identity, identity_eks, local_state
from ray_platform.pipeline.asking import Asking, CannotTell
from ray_platform.pipeline.local_state import readable
from ray_platform.pipeline.lock_holders import holders
from ray_platform.pipeline.locks import past_dead_locks
from ray_platform.pipeline.operation import Told, failure
from ray_platform.pipeline.pending import Found, Pending, pending, settled
from ray_platform.pipeline.recovery import Recovery, recover
from tests.support.processes import dead_pid
from tests.support.stubbed_aws import Stubbed

STACK = "urn:pulumi:dev::ray-on-eks::"
ROOT = {"urn": f"{STACK}pulumi:pulumi:Stack::ray-on-eks-dev", "type": "pulumi:pulumi:Stack", "custom": False}
TAGS = {"Project": "ray-on-eks", "environment": "dev"}
ROLE = {"__defaults": ["name"], "name": "ray-dev-node-1a2b3c4", "assumeRolePolicy": "{}"}
LOG_GROUP = {"__defaults": [], "name": "/aws/eks/ray-dev/cluster", "tagsAll": TAGS}
CLUSTER = {"name": "ray-dev", "bootstrapSelfManagedAddons": False, "vpcConfig": {"__defaults": [], "subnetIds": ["s"]}}
KEY = {"description": "Secrets of EKS cluster ray-dev", "tagsAll": TAGS}
ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/eks/ray-dev/cluster"


def resource(type_: str, inputs: Mapping[str, Any], name: str = "it", **more: Any) -> dict[str, Any]:
    return {"urn": f"{STACK}{type_}::{name}", "type": type_, "custom": True, "inputs": inputs, **more}


def operation(
    type_: str, inputs: Mapping[str, Any], operation: str = "creating", name: str = "it", **more: Any
) -> Pending:
    (read,) = pending(
        {"pending_operations": [{"type": operation, "resource": resource(type_, inputs, name=name, **more)}]}
    )
    return read


def aws(short: str) -> str:
    module, _, kind = short.partition("/")
    return f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}"


# What the state holds


def test_a_state_without_operations_has_nothing_pending() -> None:
    assert pending(None) == []
    assert pending({"resources": []}) == []


def test_a_pending_operation_has_what_it_was_about_to_make() -> None:
    read = operation(aws("iam/Role"), ROLE, name="ray-dev-node")

    assert (read.operation, read.name, read.is_real) == ("creating", "ray-dev-node", True)
    assert read.inputs == ROLE
    assert str(read) == "ray-dev-node (Role)"


@pytest.mark.parametrize("type_", ["ray-platform:components:Security", "pulumi:providers:kubernetes"])
def test_components_and_providers_stand_for_nothing_in_aws(type_: str) -> None:
    assert not operation(type_, {}, custom=type_.startswith("pulumi:providers")).is_real


# The state after


def after(known: list[dict[str, Any]], *results: tuple[Pending, Found | None]) -> list[dict[str, Any]]:
    deployment = settled({"manifest": {}, "resources": known, "pending_operations": [{}]}, results)
    assert deployment["pending_operations"] == []
    assert deployment["manifest"] == {}
    resources: list[dict[str, Any]] = deployment["resources"]
    return resources


def test_what_was_found_is_in_the_state_as_if_its_create_had_come_to_its_end() -> None:
    each = operation(aws("iam/Role"), ROLE, parent="p", dependencies=["d"], provider="q")
    root, made = after([ROOT], (each, Found(id="ray-dev-node-1a2b3c4", outputs={"id": "ray-dev-node-1a2b3c4"})))

    assert root == ROOT
    assert made["id"] == "ray-dev-node-1a2b3c4"
    assert (made["parent"], made["dependencies"], made["provider"]) == ("p", ["d"], "q")
    # Without this the next run would choose another name, and so replace it.
    assert made["inputs"]["__defaults"] == ["name"]
    assert made["outputs"] == {"id": "ray-dev-node-1a2b3c4", "name": "ray-dev-node-1a2b3c4", "assumeRolePolicy": "{}"}


def test_a_cluster_keeps_what_aws_does_not_tell_and_a_change_of_replaces_it() -> None:
    (made,) = after([], (operation(aws("eks/Cluster"), CLUSTER), Found(id="ray-dev")))

    assert made["outputs"]["bootstrapSelfManagedAddons"] is False
    assert made["outputs"]["vpcConfig"] == {"subnetIds": ["s"]}
    assert json.loads(made["outputs"]["__meta"]) == {"schema_version": "1"}


def test_what_is_not_there_leaves_no_trace() -> None:
    assert after([ROOT], (operation(aws("iam/Role"), ROLE), None)) == [ROOT]


def test_what_the_state_has_already_is_not_there_twice() -> None:
    known = resource(aws("iam/Role"), ROLE, id="r1")

    assert after([known], (operation(aws("iam/Role"), ROLE), Found(id="r1"))) == [known]


def test_beside_another_of_the_same_urn_the_found_one_is_surplus_and_goes() -> None:
    known = resource(aws("eks/NodeGroup"), {}, id="c:old", protect=True)
    each = operation(aws("eks/NodeGroup"), {}, protect=True)
    kept, surplus = after([known], (each, Found(id="c:new")))

    assert kept == known
    assert (surplus["id"], surplus["delete"], surplus["protect"]) == ("c:new", True, False)


def test_a_replacement_takes_the_place_of_what_was_deleted_for_it() -> None:
    known = resource(aws("eks/NodeGroup"), {}, id="c:old", pendingReplacement=True)
    (made,) = after([known], (operation(aws("eks/NodeGroup"), {}), Found(id="c:new")))

    assert made["id"] == "c:new"
    assert "pendingReplacement" not in made


def test_of_two_pending_creates_of_one_resource_the_younger_stays() -> None:
    each = operation(aws("iam/Role"), ROLE)
    younger, older = after([], (each, Found(id="r2")), (each, Found(id="r1")))

    assert "delete" not in younger
    assert (older["id"], older["delete"]) == ("r1", True)


# What is looked for


def found(type_: str, inputs: Mapping[str, Any], environment: Stubbed | None = None, *taken: str) -> str | None:
    asking = Asking(client=(environment or Stubbed()).client, taken=frozenset(taken))
    result = identity.identified(operation(type_, inputs), asking)
    return result.id if result else None


@pytest.mark.parametrize(
    ("type_", "inputs", "id"),
    [
        (aws("iam/Role"), ROLE, "ray-dev-node-1a2b3c4"),
        (aws("iam/RolePolicyAttachment"), {"role": "r", "policyArn": "arn:p"}, "r/arn:p"),
        (aws("iam/RolePolicy"), {"role": "r", "name": "n"}, "r:n"),
        (aws("eks/AccessEntry"), {"clusterName": "c", "principalArn": "arn:r"}, "c:arn:r"),
        (
            aws("eks/AccessPolicyAssociation"),
            {"clusterName": "c", "principalArn": "arn:r", "policyArn": "arn:p"},
            "c#arn:r#arn:p",
        ),
        (aws("autoscaling/Tag"), {"autoscalingGroupName": "g", "tag": {"key": "k/l"}}, "g,k/l"),
        (aws("sqs/QueuePolicy"), {"queueUrl": "https://q"}, "https://q"),
        ("kubernetes:core/v1:Namespace", {"metadata": {"name": "ray"}}, "ray"),
        ("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "n", "namespace": "ray"}}, "ray/n"),
    ],
)
def test_what_is_named_by_its_inputs_needs_no_question(type_: str, inputs: dict[str, Any], id: str) -> None:
    assert found(type_, inputs) == id


def test_a_role_whose_name_the_program_gave_may_be_somebody_elses() -> None:
    with pytest.raises(CannotTell, match="somebody else's"):
        found(aws("iam/Role"), {**ROLE, "__defaults": []})


def test_a_type_that_is_not_known_is_left() -> None:
    with pytest.raises(CannotTell, match="does not know how to look"):
        found("aws:s3/bucket:Bucket", {})


def log_groups(*names: str) -> dict[str, Any]:
    return {"logGroups": [{"logGroupName": name, "arn": f"{ARN}:*"} for name in names]}


@pytest.mark.parametrize("names", [(), ("/aws/eks/ray-dev/cluster-2",)])
def test_a_log_group_that_aws_does_not_have_is_not_there(names: tuple[str, ...]) -> None:
    environment = Stubbed("logs")
    environment.answers["logs"].add_response("describe_log_groups", log_groups(*names))

    assert found(aws("cloudwatch/LogGroup"), LOG_GROUP, environment) is None


def test_a_log_group_with_the_tags_of_the_stack_is_this_stacks() -> None:
    environment = Stubbed("logs")
    environment.answers["logs"].add_response("describe_log_groups", log_groups("/aws/eks/ray-dev/cluster"))
    environment.answers["logs"].add_response(
        "list_tags_for_resource", {"tags": {**TAGS, "more": "x"}}, {"resourceArn": ARN}
    )

    assert found(aws("cloudwatch/LogGroup"), LOG_GROUP, environment) == "/aws/eks/ray-dev/cluster"


@pytest.mark.parametrize("tags", [{}, {**TAGS, "environment": "prod"}])
def test_a_log_group_without_them_may_be_somebody_elses(tags: dict[str, str]) -> None:
    environment = Stubbed("logs")
    environment.answers["logs"].add_response("describe_log_groups", log_groups("/aws/eks/ray-dev/cluster"))
    environment.answers["logs"].add_response("list_tags_for_resource", {"tags": tags})

    with pytest.raises(CannotTell, match="somebody else's"):
        found(aws("cloudwatch/LogGroup"), LOG_GROUP, environment)


def test_a_call_that_fails_is_never_taken_for_a_no() -> None:
    environment = Stubbed("logs")
    environment.answers["logs"].add_client_error("describe_log_groups", "AccessDeniedException")

    with pytest.raises(CannotTell, match="logs:DescribeLogGroups"):
        found(aws("cloudwatch/LogGroup"), LOG_GROUP, environment)


@pytest.mark.parametrize("target", ["11111111-aaaa", "arn:aws:kms:eu-west-1:123456789012:key/11111111-aaaa"])
def test_an_alias_is_this_stacks_when_it_leads_to_its_key(target: str) -> None:
    alias = {"AliasName": "alias/eks/ray-dev", "TargetKeyId": "11111111-aaaa"}
    environment = Stubbed("kms")
    environment.answers["kms"].add_response("list_aliases", {"Aliases": [alias]})

    assert (
        found(aws("kms/Alias"), {"name": "alias/eks/ray-dev", "targetKeyId": target}, environment) == alias["AliasName"]
    )


def test_an_alias_of_another_key_may_be_somebody_elses() -> None:
    environment = Stubbed("kms")
    alias = {"AliasName": "alias/eks/ray-dev", "TargetKeyId": "22222222-bbbb"}
    environment.answers["kms"].add_response("list_aliases", {"Aliases": [alias]})

    with pytest.raises(CannotTell, match="another key"):
        found(aws("kms/Alias"), {"name": "alias/eks/ray-dev", "targetKeyId": "11111111-aaaa"}, environment)


def keys(environment: Stubbed, *each: tuple[str, str, str, dict[str, str]]) -> None:
    """Keys of AWS: id, state, description and tags."""
    answers = environment.answers["kms"]
    answers.add_response("list_keys", {"Keys": [{"KeyId": id} for id, *_ in each]})
    for id, state, description, tags in each:
        answers.add_response(
            "describe_key", {"KeyMetadata": {"KeyId": id, "KeyState": state, "Description": description}}
        )
        if state == "Enabled" and description == KEY["description"]:
            listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
            answers.add_response("list_resource_tags", {"Tags": listed})


def test_a_key_is_known_by_its_description_and_its_tags() -> None:
    description = str(KEY["description"])
    environment = Stubbed("kms")
    keys(
        environment,
        ("other", "Enabled", "of somebody", TAGS),
        ("untagged", "Enabled", description, {}),
        ("going", "PendingDeletion", description, TAGS),
        ("in-the-state", "Enabled", description, TAGS),
        ("ours", "Enabled", description, TAGS),
    )

    assert found(aws("kms/Key"), KEY, environment, "in-the-state") == "ours"


def test_two_keys_that_look_alike_are_left_to_people() -> None:
    environment = Stubbed("kms")
    description = str(KEY["description"])
    keys(environment, ("one", "Enabled", description, TAGS), ("two", "Enabled", description, TAGS))

    with pytest.raises(CannotTell, match=r"2 keys .*: one, two"):
        found(aws("kms/Key"), KEY, environment)


RULE = {
    "securityGroupId": "sg-1",
    "ipProtocol": "tcp",
    "fromPort": 443,
    "toPort": 443,
    "cidrIpv4": "0.0.0.0/0",
}


@pytest.mark.parametrize(
    ("change", "id"),
    [({}, "sgr-1"), ({"FromPort": 80}, None), ({"CidrIpv4": "10.0.0.0/8"}, None), ({"IsEgress": False}, None)],
)
def test_a_rule_is_the_one_that_admits_the_same(change: dict[str, Any], id: str | None) -> None:
    rule = {
        "SecurityGroupRuleId": "sgr-1",
        "IsEgress": True,
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "CidrIpv4": "0.0.0.0/0",
    }
    environment = Stubbed("ec2")
    environment.answers["ec2"].add_response(
        "describe_security_group_rules", {"SecurityGroupRules": [{**rule, **change}]}
    )

    assert found("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", RULE, environment) == id


# What EKS takes minutes over

NODE_GROUP = {"clusterName": "ray-dev", "nodeGroupName": "ray-dev-cpu-1"}


def node_group(environment: Stubbed, *statuses: str | None) -> None:
    for status in statuses:
        if status is None:
            environment.answers["eks"].add_client_error("describe_nodegroup", "ResourceNotFoundException")
        else:
            environment.answers["eks"].add_response("describe_nodegroup", {"nodegroup": {"status": status}})


@pytest.mark.parametrize(
    ("statuses", "id"),
    [
        ([None], None),
        (["ACTIVE"], "ray-dev:ray-dev-cpu-1"),
        (["DEGRADED"], "ray-dev:ray-dev-cpu-1"),
        # Asked, waited for, asked again.
        (["CREATING", "ACTIVE", "ACTIVE"], "ray-dev:ray-dev-cpu-1"),
        (["DELETING", None, None], None),
    ],
)
def test_a_node_group_is_waited_for(statuses: list[str | None], id: str | None) -> None:
    environment = Stubbed("eks")
    node_group(environment, *statuses)

    assert found(aws("eks/NodeGroup"), NODE_GROUP, environment) == id
    environment.answers["eks"].assert_no_pending_responses()


@pytest.mark.parametrize("statuses", [["CREATE_FAILED"], ["CREATING", "CREATE_FAILED", "CREATE_FAILED"]])
def test_one_that_eks_failed_to_make_is_there_and_goes_into_the_state(statuses: list[str | None]) -> None:
    environment = Stubbed("eks")
    node_group(environment, *statuses)

    assert found(aws("eks/NodeGroup"), NODE_GROUP, environment) == "ray-dev:ray-dev-cpu-1"
    environment.answers["eks"].assert_no_pending_responses()


def test_one_that_eks_failed_to_delete_is_left_with_the_command_that_deletes_it() -> None:
    environment = Stubbed("eks")
    node_group(environment, "DELETE_FAILED")

    with pytest.raises(CannotTell) as why:
        found(aws("eks/NodeGroup"), NODE_GROUP, environment)
    assert "`aws eks delete-nodegroup --cluster-name ray-dev --nodegroup-name ray-dev-cpu-1`" in str(why.value)


def test_a_cluster_of_the_same_name_without_the_tags_of_the_stack_is_somebody_elses() -> None:
    environment = Stubbed("eks")
    environment.answers["eks"].add_response("describe_cluster", {"cluster": {"status": "ACTIVE", "tags": {}}})

    with pytest.raises(CannotTell, match="somebody else's"):
        found(aws("eks/Cluster"), {**CLUSTER, "tagsAll": TAGS}, environment)


def test_an_update_of_what_is_no_matter_of_minutes_is_not_waited_for() -> None:
    identity_eks.wait_for(aws("iam/Role"), Asking(client=Stubbed().client), ROLE)


# The whole of it

LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n  file:///locks/a.json: created by me@{host} (pid {pid}) at 2026-11-23T12:00:00Z"
)


class Workspace:
    def project_settings(self) -> auto.ProjectSettings:
        return auto.ProjectSettings(name="ray-on-eks", runtime="python")


class Stack:
    """A stack as the Automation API has it, with a state and perhaps a lock."""

    name = "dev"

    def __init__(self, *unfinished: Pending, lock: str = "") -> None:
        operations = [{"type": each.operation, "resource": each.resource} for each in unfinished]
        self.workspace = Workspace()
        self.deployment: dict[str, Any] = {"resources": [ROOT], "pending_operations": operations}
        self.lock = lock
        self.calls: list[str] = []

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment=self.deployment)

    def import_stack(self, state: auto.Deployment) -> None:
        self.calls.append("import")
        self.deployment = dict(state.deployment or {})

    def refresh(self, target: list[str]) -> None:
        assert target == [each["urn"] for each in self.deployment["resources"][:1]]
        self.calls.append("refresh")
        if self.lock:
            raise CommandError(auto.CommandResult(stdout="", stderr=self.lock, code=1))

    def cancel(self) -> None:
        self.calls.append("cancel")
        self.lock = ""


def run(stack: Stack, environment: Stubbed | None = None, **answers: str) -> tuple[Recovery, str]:
    told: list[str] = []
    client = (environment or Stubbed()).client
    named = {each.urn: answers[each.name] for each in pending(stack.deployment) if each.name in answers}
    recovery = recover(cast(auto.Stack, stack), client, told.append, named)
    return recovery, "\n".join(told)


def test_where_nothing_is_pending_nothing_is_done_and_nothing_said() -> None:
    stack = Stack()

    assert run(stack) == (Recovery(), "")
    assert stack.calls == []


def test_it_says_what_was_pending_and_what_becomes_of_it_and_writes_the_state_once() -> None:
    stack = Stack(
        operation(aws("iam/Role"), ROLE, name="node"),
        operation("pulumi:providers:kubernetes", {}, name="k8s"),
        operation(aws("kms/Key"), KEY, "updating", name="key"),
    )
    recovery, told = run(stack)

    assert [each.name for each in recovery.imported] == ["node"]
    assert "killed while it worked on 3 resources" in told
    assert "node (Role): put into the state as ray-dev-node-1a2b3c4" in told
    assert "key (Key): it was updating" in told
    assert [each["id"] for each in stack.deployment["resources"][1:]] == ["ray-dev-node-1a2b3c4"]
    assert stack.calls == ["refresh", "import"]
    assert run(stack) == (Recovery(), "")


def test_a_kill_before_anything_was_made_leaves_an_empty_state() -> None:
    stack = Stack(operation("pulumi:pulumi:Stack", {}, name="ray-on-eks-dev", custom=False))
    stack.deployment["resources"] = []
    recovery, _ = run(stack)

    assert len(recovery.cleared) == 1
    assert stack.deployment["resources"] == []
    assert pending(stack.deployment) == []


def test_as_long_as_one_is_left_the_state_stays_as_it_is() -> None:
    stack = Stack(operation(aws("iam/Role"), ROLE, name="node"), operation("aws:s3/bucket:Bucket", {}, name="bucket"))
    before = stack.deployment
    recovery, told = run(stack)

    assert [each.pending.name for each in recovery.left] == ["bucket"]
    assert recovery.imported == ()
    assert f"{STACK}aws:s3/bucket:Bucket::bucket" in told
    assert stack.deployment is before
    assert "import" not in stack.calls


@pytest.mark.parametrize(("answer", "ids"), [("bucket-1", ["bucket-1"]), ("", [])])
def test_what_a_person_found_out_settles_it(answer: str, ids: list[str]) -> None:
    stack = Stack(operation("aws:s3/bucket:Bucket", {}, name="bucket"))
    recovery, _ = run(stack, bucket=answer)

    assert recovery.left == ()
    assert [each["id"] for each in stack.deployment["resources"][1:]] == ids


# Locks


def test_a_lock_names_its_holder() -> None:
    (holder,) = holders(LOCKED.format(host="vm", pid=42))

    assert (holder.user, holder.host, holder.pid, holder.since) == ("me", "vm", 42, "2026-11-23T12:00:00Z")


def test_the_lock_of_a_dead_process_of_this_machine_is_dropped_and_said() -> None:
    lock = LOCKED.format(host=socket.gethostname(), pid=dead_pid())
    stack = Stack(operation(aws("iam/Role"), ROLE), lock=lock)
    recovery, told = run(stack)

    assert len(recovery.imported) == 1
    assert stack.calls == ["refresh", "cancel", "refresh", "import"]
    assert "no longer exists" in told


def test_the_lock_is_known_behind_our_own_words_for_it_too() -> None:
    lock = LOCKED.format(host=socket.gethostname(), pid=dead_pid())
    stack = Stack(lock=lock)

    def up() -> str:
        try:
            stack.refresh([str(ROOT["urn"])])
        except CommandError as error:
            raise failure(error, Told(), "dev") from None
        return "up"

    assert past_dead_locks(cast(auto.Stack, stack), lambda line: None, up) == "up"


@pytest.mark.parametrize(
    "lock",
    [
        LOCKED.format(host=socket.gethostname(), pid=os.getpid()),
        LOCKED.format(host="another-machine", pid=2**22 + 1),
        LOCKED.format(host=socket.gethostname(), pid=2**22 + 1) + LOCKED.format(host="another-machine", pid=1),
        "error: [409] Conflict: Another update is currently in progress.",
    ],
    ids=["a living process", "another machine", "one of two elsewhere", "no names"],
)
def test_any_other_lock_stays(lock: str) -> None:
    stack = Stack(operation(aws("iam/Role"), ROLE), lock=lock)

    with pytest.raises(CommandError):
        run(stack)
    assert stack.calls == ["refresh"]


def test_of_two_that_meet_a_dead_lock_one_drops_it() -> None:
    lock = LOCKED.format(host=socket.gethostname(), pid=dead_pid())
    first, second = Stack(lock=lock), Stack(lock=lock)

    def meanwhile() -> str:
        if first.lock:
            raise CommandError(auto.CommandResult(stdout="", stderr=lock, code=1))
        with pytest.raises(CommandError):
            past_dead_locks(cast(auto.Stack, second), print, lambda: second.refresh([str(ROOT["urn"])]))
        return "done"

    assert past_dead_locks(cast(auto.Stack, first), lambda line: None, meanwhile) == "done"
    assert second.calls == ["refresh"]


# A state whose write was cut off


class Backend:
    def __init__(self, url: str) -> None:
        self._url = url

    def who_am_i(self) -> auto.WhoAmIResult:
        return auto.WhoAmIResult(user="me", url=self._url)


@pytest.mark.parametrize("left", ["", '{"user.cache_co'])
def test_a_state_whose_attributes_were_cut_off_is_readable_again(tmp_path: Path, left: str) -> None:
    folder = tmp_path / ".pulumi/stacks/ray-on-eks"
    folder.mkdir(parents=True)
    for name, text in {"dev.json": "{}", "dev.json.attrs": left, "prod.json.attrs": ""}.items():
        (folder / name).write_text(text, encoding="utf-8")

    def read() -> str:
        if (folder / "dev.json.attrs").exists():
            raise CommandError(auto.CommandResult(stdout="", stderr=f"error: {local_state.UNREADABLE}EOF", code=1))
        return "whole"

    workspace = cast(auto.Workspace, Backend(f"file://{tmp_path}"))
    assert readable(read, lambda: workspace, "ray-on-eks", "dev") == "whole"
    assert {each.name for each in folder.iterdir()} == {"dev.json", "prod.json.attrs"}


def test_a_state_that_is_being_written_is_read_once_more_and_left_alone() -> None:
    reads = iter([f"{local_state.UNREADABLE}EOF", ""])

    def read() -> str:
        if message := next(reads):
            raise CommandError(auto.CommandResult(stdout="", stderr=message, code=1))
        return "whole"

    def unasked() -> auto.Workspace:
        raise AssertionError

    assert readable(read, unasked, "ray-on-eks", "dev") == "whole"


@pytest.mark.parametrize("message", ["no such stack", f"{local_state.UNREADABLE}EOF"])
def test_any_other_failure_to_read_it_is_told(message: str) -> None:
    def read() -> None:
        raise CommandError(auto.CommandResult(stdout="", stderr=message, code=1))

    with pytest.raises(CommandError, match=message):
        readable(read, lambda: cast(auto.Workspace, Backend("s3://states")), "ray-on-eks", "dev")
