"""The policy pack hands the engine's resources to the guardrails, and their violations to the engine.

pulumi-policy asks for another protobuf than the program and so cannot be installed beside it: here a few lines stand
for it, with its names and attributes (pulumi-policy 1.21.0, policy.py and proxy.py).
"""

import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ray_platform.config import load
from ray_platform.config.stack_file import read_sections
from ray_platform.guardrails.all import CATALOGUE
from tests.unit.checks.cases import ROOT
from tests.unit.guardrails.plans import Plan, plan

PACK = ROOT / "policy"
STACK_URN = "urn:pulumi:prod::ray-on-eks::pulumi:pulumi:Stack::ray-on-eks-prod"


class UnknownValueError(Exception):
    pass


class Level(Enum):
    MANDATORY = "mandatory"


@dataclass
class Policy:
    name: str
    description: str
    validate: Callable[..., None]


class OfEach(Policy):
    pass


class OfAll(Policy):
    pass


Reports = list[tuple[str, str | None]]


@dataclass
class Pack:
    policies: dict[str, Policy]
    settings: dict[str, Any]

    def each(self, code: str, resource: SimpleNamespace) -> Reports:
        assert isinstance(self.policies[code], OfEach)
        return self._asked(code, resource)

    def all(self, code: str, resources: list[SimpleNamespace]) -> Reports:
        assert isinstance(self.policies[code], OfAll)
        return self._asked(code, SimpleNamespace(resources=resources))

    def _asked(self, code: str, args: SimpleNamespace) -> Reports:
        found: Reports = []
        self.policies[code].validate(args, lambda text, urn=None: found.append((text, urn)))
        return found


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> Pack:
    given: dict[str, Any] = {}
    names = dict.fromkeys(
        ("Policy", "PolicyResource", "ReportViolation", "ResourceValidationArgs", "StackValidationArgs"), object
    )
    package, proxy = ModuleType("pulumi_policy"), ModuleType("pulumi_policy.proxy")
    vars(package).update(
        names,
        EnforcementLevel=Level,
        PolicyPack=lambda **told: given.update(told),
        ResourceValidationPolicy=OfEach,
        StackValidationPolicy=OfAll,
    )
    vars(proxy).update(UnknownValueError=UnknownValueError)
    monkeypatch.setitem(sys.modules, "pulumi_policy", package)
    monkeypatch.setitem(sys.modules, "pulumi_policy.proxy", proxy)
    settings = dict(read_sections(ROOT, "prod"))
    monkeypatch.setattr(load, "from_pulumi_config", lambda: settings)
    runpy.run_path(str(PACK / "__main__.py"))
    assert given["enforcement_level"] is Level.MANDATORY
    return Pack(policies={each.name: each for each in given["policies"]}, settings=settings)


def met(recorded: Plan) -> list[SimpleNamespace]:
    """The resources as the engine shows them to a policy pack, the stack with its outputs at the end."""
    providers = {node.urn: SimpleNamespace(props=node.inputs) for node in recorded.recording.nodes.values()}
    resources = [
        SimpleNamespace(
            urn=node.urn,
            resource_type=node.type,
            props=node.inputs,
            opts=SimpleNamespace(parent=node.parent or None),
            provider=providers.get(node.provider.rpartition("::")[0]),
        )
        for node in recorded.recording.nodes.values()
    ]
    nothing = SimpleNamespace(parent=None)
    outputs = recorded.recording.outputs
    stack = SimpleNamespace(
        urn=STACK_URN, resource_type="pulumi:pulumi:Stack", props=outputs, opts=nothing, provider=None
    )
    return [*resources, stack]


def of(resources: list[SimpleNamespace], type_: str) -> SimpleNamespace:
    return next(each for each in resources if each.resource_type == type_)


def test_each_guardrail_is_a_policy_of_the_pack(pack: Pack) -> None:
    kinds = {each.code: OfAll if each.whole else OfEach for each in CATALOGUE}

    assert {name: type(policy) for name, policy in pack.policies.items()} == kinds
    assert {name: policy.description for name, policy in pack.policies.items()} == {
        each.code: each.promise for each in CATALOGUE
    }


def test_a_resource_is_judged_by_itself(pack: Pack) -> None:
    queue = of(met(plan()), "aws:sqs/queue:Queue")
    assert pack.each("queue-encryption", queue) == pack.each("tags", queue) == []

    queue.props["sqsManagedSseEnabled"] = False
    ((text, urn),) = pack.each("queue-encryption", queue)

    assert urn == queue.urn
    assert text.startswith("queue-encryption: ray-prod-interruption sqsManagedSseEnabled: It must be true")


def test_resources_are_compared_by_the_inputs_that_were_seen_before(pack: Pack) -> None:
    resources = met(plan())
    for resource in resources:
        pack.each("imds", resource)
        if resource.resource_type == "kubernetes:core/v1:Namespace":
            # What a provider hands back may lack what it was given.
            resource.props = {"metadata": {"name": resource.props["metadata"]["name"]}}

    assert pack.all("ray-namespace", resources) == []


def test_without_their_inputs_resources_are_compared_by_their_outputs(pack: Pack) -> None:
    resources = met(plan())
    assert pack.all("spot-fallback", resources) == []

    resources = [each for each in resources if not each.urn.endswith("gpu-on-demand")]

    assert [urn.rpartition("::")[2] for _, urn in pack.all("spot-fallback", resources) if urn] == ["ray-prod-gpu"]


def test_the_limits_are_those_of_the_stack_and_its_outputs_tell_the_cost(pack: Pack) -> None:
    resources = met(plan())
    assert pack.all("cost-limit", resources) == []

    pack.settings["operations"] = {"costLimitUsd": 1}
    ((text, urn),) = pack.all("cost-limit", resources)

    assert urn is None
    assert "the limit is 1.00" in text


def test_an_exception_of_the_configuration_holds_here_too(pack: Pack) -> None:
    pack.settings["operations"] = {"costLimitUsd": 1, "guardrailExceptions": {"cost-limit": "agreed to"}}

    assert pack.all("cost-limit", met(plan())) == []


def test_with_a_configuration_that_is_not_valid_the_limits_are_the_strictest(pack: Pack) -> None:
    rule = next(each for each in met(plan()) if each.urn.endswith("to-internet-https"))
    assert pack.each("egress", rule) == []

    pack.settings["cluster"] = {"name": "-"}

    assert len(pack.each("egress", rule)) == 1


def test_where_the_engine_hands_on_no_configuration_the_stacks_file_has_it(pack: Pack) -> None:
    pack.settings.clear()
    rule = next(each for each in met(plan()) if each.urn.endswith("to-internet-https"))

    assert pack.each("egress", rule) == []
    assert pack.each("egress", SimpleNamespace(**vars(rule) | {"urn": rule.urn.replace(":prod::", ":nobody::")})) != []


def test_a_value_that_the_engine_hides_is_no_violation(pack: Pack) -> None:
    class Proxy(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise UnknownValueError(key)

    queue = of(met(plan()), "aws:sqs/queue:Queue")
    queue.props = Proxy(sqsManagedSseEnabled=False)

    assert pack.each("queue-encryption", queue) == []


def test_the_pack_has_the_pins_of_the_program() -> None:
    pins = [line for line in (PACK / "requirements.txt").read_text().splitlines() if line[:1] not in ("", "#")]
    program = (ROOT / "requirements.txt").read_text().splitlines()

    assert pins[0].startswith("pulumi-policy==")
    assert pins[-1] == "-e .."
    assert {pin.partition("==")[0] for pin in pins[1:-1]} == {"pulumi", "pydantic"}
    assert [pin for pin in pins[1:-1] if pin not in program] == []
