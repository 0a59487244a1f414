"""A sound stack passes every guardrail; broken in one place, it fails by exactly that one."""

from dataclasses import replace
from typing import get_args

import pytest

from ray_platform.config.guardrail_codes import GuardrailCode
from ray_platform.guardrails.all import CATALOGUE, Judgement, judge, together, violations
from ray_platform.guardrails.cluster import CONTROL_PLANE
from ray_platform.guardrails.sources import from_recording
from ray_platform.guardrails.verdict import Limits, Stack
from tests.unit.guardrails.faults import FAULTS, OFFICE, Fault
from tests.unit.guardrails.plans import plan, settings

WHOLE = {each.code for each in CATALOGUE if each.whole}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_committed_stacks_are_sound_and_nothing_of_them_is_undecided(stack: str) -> None:
    judgement = plan(stack).judged()

    assert (judgement.violations, judgement.excepted, judgement.undecided) == ((), (), ())


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_by_its_guardrail_and_by_no_other(fault: Fault) -> None:
    spoiled = plan()
    fault.do(spoiled)

    judgement = spoiled.judged()

    assert {each.code for each in judgement.violations} == {fault.code}
    assert fault.path in {each.path for each in judgement.violations}
    assert judgement.undecided == ()


def test_every_guardrail_has_a_fault_a_promise_and_a_remedy() -> None:
    assert {fault.code for fault in FAULTS} == {each.code for each in CATALOGUE}
    assert all(each.promise.endswith((".", ".)")) and each.remedy.endswith(".") for each in CATALOGUE)


def test_the_configuration_knows_the_guardrails_by_their_codes() -> None:
    codes = [each.code for each in CATALOGUE]

    assert len(codes) == len(set(codes))
    assert set(codes) == set(get_args(GuardrailCode))


@pytest.mark.parametrize("fault", [each for each in FAULTS if each.code not in WHOLE], ids=str)
def test_only_what_compares_resources_needs_them_all(fault: Fault) -> None:
    """A policy pack shows resources one by one. (In a recording the control plane is described by what it is in.)"""
    spoiled = plan()
    fault.do(spoiled)
    stack = from_recording(spoiled.recording, spoiled.limits)
    guardrails = [each for each in CATALOGUE if each.code == fault.code]

    for violation in judge(stack, guardrails).violations:
        resource = stack.at(violation.urn)
        assert resource
        alone = Stack(resources=(resource,), limits=stack.limits)
        assert resource.type == CONTROL_PLANE or violation in judge(alone, guardrails).violations


def test_a_violation_names_the_resource_the_property_and_the_remedy() -> None:
    spoiled = plan()
    spoiled.inputs("Queue").update(sqsManagedSseEnabled=False)

    (violation,) = spoiled.judged().violations

    assert violation.urn == spoiled.node("Queue").urn
    assert str(violation) == (
        "queue-encryption: ray-prod-interruption sqsManagedSseEnabled: It must be true where no key is named, but is "
        "False. Set sqsManagedSseEnabled to true."
    )
    assert violation.as_dict()["name"] == "ray-prod-interruption"


def test_blocks_that_the_configuration_names_may_reach_the_api() -> None:
    opened = plan()
    opened.limits = replace(opened.limits, public_cidrs=(OFFICE,))
    opened.control_plane.update(endpointPublicAccess=True, publicAccessCidrs=[OFFICE])

    assert opened.judged().violations == ()


def test_a_private_stack_may_reach_a_prefix_list() -> None:
    private = plan()
    private.limits = replace(private.limits, egress="private")
    https = private.inputs("SecurityGroupEgressRule", "https")
    del https["cidrIpv4"]
    https["prefixListId"] = "pl-s3"

    assert private.judged().violations == ()


def test_a_queue_with_a_key_of_its_own_is_encrypted() -> None:
    keyed = plan()
    keyed.inputs("Queue").update(sqsManagedSseEnabled=False, kmsMasterKeyId="alias/ours")

    assert keyed.judged().violations == ()


def test_logs_are_kept_for_ever_where_the_configuration_says_so() -> None:
    kept = plan()
    kept.limits = replace(kept.limits, log_retention_days=0)
    kept.inputs("LogGroup").update(retentionInDays=0)

    assert kept.judged().violations == ()


def test_a_cost_that_is_not_known_in_full_is_neither_above_the_limit_nor_below() -> None:
    limited = plan()
    limited.limits = replace(limited.limits, cost_usd=1_000_000.0)
    assert limited.judged() == replace(limited.judged(), violations=(), undecided=())

    limited.recording.outputs["estimatedMonthlyCost"]["unpriced"] = ["x9.huge"]
    assert [each.code for each in limited.judged().undecided] == ["cost-limit"]

    limited.recording.outputs.clear()
    assert [each.path for each in limited.judged().undecided] == ["outputs.estimatedMonthlyCost.maximum"]


def test_an_exception_lets_its_own_guardrail_pass_and_is_told_with_its_reason() -> None:
    spoiled = plan()
    spoiled.control_plane["enabledClusterLogTypes"] = []
    spoiled.inputs("Queue").update(sqsManagedSseEnabled=False)
    spoiled.limits = replace(spoiled.limits, exceptions={"log-types": "a stack for trials"})

    judgement = spoiled.judged()

    assert [each.code for each in judgement.violations] == ["queue-encryption"]
    assert [(each.code, reason) for each, reason in judgement.excepted] == [("log-types", "a stack for trials")]


def test_the_limits_are_those_of_the_configuration() -> None:
    given = settings("prod")
    operations = given.operations.model_copy(update={"cost_limit_usd": 900.0, "guardrail_exceptions": {"imds": "no"}})

    limits = Limits.of(replace(given, operations=operations))

    assert limits == Limits(egress="internet-https", log_retention_days=365, cost_usd=900.0, exceptions={"imds": "no"})


def test_without_any_configuration_the_limits_are_the_strictest() -> None:
    strict = plan()
    strict.limits = Limits()

    assert [each.code for each in strict.judged().violations] == ["egress"]


def test_violations_are_what_forbids_a_stack() -> None:
    spoiled = plan()
    spoiled.inputs("Queue").update(sqsManagedSseEnabled=False)
    stack = from_recording(spoiled.recording, spoiled.limits)

    assert [each.code for each in violations(stack)] == ["queue-encryption"]


def test_two_views_of_a_stack_make_one_judgement() -> None:
    spoiled = plan()
    spoiled.inputs("Queue").update(sqsManagedSseEnabled=False)
    recorded = spoiled.judged()
    spoiled.inputs("LogGroup").update(kmsKeyId=object())
    previewed = spoiled.judged()
    assert [each.code for each in previewed.undecided] == ["log-encryption"]

    judgement = together(previewed, recorded)

    assert [each.code for each in judgement.violations] == ["queue-encryption"]
    assert judgement.undecided == ()
    assert together(previewed, Judgement()).undecided == previewed.undecided, "nobody else judged that resource"
