"""Runs the program in this process against answers instead of an engine, and records what it registers.

The SDK keeps all its state in context variables, so the run has a thread of its own: nothing of it is left afterwards,
and a program of the Automation API may run in the same process before, after and beside it.
"""

import asyncio
import json
import logging
import runpy
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf.struct_pb2 import ListValue, Struct
from pulumi.runtime import mocks, rpc, settings

from ray_platform.checks.facts import Facts
from ray_platform.marks import STACK_TYPE
from ray_platform.plan.answers import AwsAnswers, functions
from ray_platform.plan.expansion import CONTROL_PLANE, EKS_CLUSTER, children
from ray_platform.plan.recording import Node, Recording
from ray_platform.plan.urns import child_urn

# How the protocol marks a mapping that stands for a resource.
_KIND, _RESOURCE = rpc._special_sig_key, rpc._special_resource_sig


def record(program: Path, *, project: str, stack: str, config: Mapping[str, Any], facts: Facts) -> Recording:
    """What the program registers for a stack that is not up yet, when AWS answers with these facts.

    ``config`` is as in a stack file, without the project's name. Whatever the program raises comes out of here;
    ``ValueError`` for facts without an account.
    """
    if facts.account is None:
        raise ValueError("without an account the program cannot be run")
    recording = Recording()
    answers = AwsAnswers(facts.account, functions(facts))
    play(program, project=project, stack=stack, config=config, answers=answers, into=recording)
    return recording


def play(
    program: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, Any],
    answers: mocks.Mocks,
    into: Recording,
) -> None:
    """``record`` with any answers. When the program raises, ``into`` holds what was registered before.

    Returns once every registration has landed, so that absence can be told from it too.
    """

    async def run(workers: ThreadPoolExecutor) -> None:
        # The SDK sends what it registers from the threads of the loop.
        asyncio.get_running_loop().set_default_executor(workers)
        settings.reset_options()
        mocks.set_mocks(
            answers,
            project=project,
            stack=stack,
            preview=False,
            logger=_logger(into),
            monitor=_Recorder(answers, into),
        )
        pulumi.runtime.set_all_config(_texts(config, project), secret_keys=[])
        settings.set_root_resource(None)  # type: ignore[arg-type]  # run_in_stack makes the stack, as in a real run
        await pulumi.runtime.run_in_stack(lambda: _run(program))

    def run_to_the_end() -> None:
        with _threads_with_loops() as workers:
            asyncio.run(run(workers))

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(run_to_the_end).result()


@contextmanager
def _threads_with_loops() -> Iterator[ThreadPoolExecutor]:
    """Threads each of which has an event loop, for the mocks want one; made by themselves they would stay open."""
    with ExitStack() as loops:

        def begin() -> None:
            asyncio.set_event_loop(loops.enter_context(asyncio.Runner()).get_loop())

        with ThreadPoolExecutor(initializer=begin) as threads:
            yield threads


def _run(program: Path) -> None:
    runpy.run_path(str(program))


def _texts(config: Mapping[str, Any], project: str) -> dict[str, str]:
    return {
        key if ":" in key else f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }


def _logger(recording: Recording) -> logging.Logger:
    """A logger that no other code knows; it keeps warnings and whatever is worse."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            recording.warnings.append(record.getMessage())

    logger = logging.Logger("recorder", level=logging.WARNING)
    logger.addHandler(Keep())
    return logger


class _Recorder(mocks.MockMonitor):
    """The engine's part of a run. It makes URNs as the engine does, and what remote components have in them."""

    def __init__(self, answers: mocks.Mocks, recording: Recording) -> None:
        super().__init__(answers)
        self._recording = recording

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        if parent:
            return child_urn(parent, type_, name)
        return "::".join([f"urn:pulumi:{settings.get_stack()}", settings.get_project(), type_, name])

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the name is the protocol's
        # The SDK would make resources of references, here in a thread of another loop than the program's.
        _name_references(request.object)
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != STACK_TYPE:
            node = _node(request, response.urn)
            self._recording.nodes[node.urn] = node
            for child in children(node):
                self._add(child)
                if node.type == EKS_CLUSTER and child.type == CONTROL_PLANE:
                    response.object.update({"eksCluster": _reference(child)})
        return response

    def _add(self, node: Node) -> None:
        """A resource that the program did not register itself, but may come to know through a component."""
        self._recording.nodes[node.urn] = node
        _, state = self.mocks.new_resource(mocks.MockResourceArgs(node.type, node.name, node.inputs, node.provider))
        self.resources[node.urn] = mocks.MockMonitor.ResourceRegistration(node.urn, _physical_id(node), state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  the name is the protocol's
        outputs = rpc.deserialize_properties(request.outputs)
        if request.urn in self._recording.nodes:
            node = self._recording.nodes[request.urn]
            self._recording.nodes[request.urn] = replace(node, outputs=outputs)
        else:
            self._keep_stack_outputs(outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def _keep_stack_outputs(self, outputs: Mapping[str, Any]) -> None:
        for name, value in outputs.items():
            self._recording.outputs[name] = rpc.unwrap_rpc_secret(value)
            if rpc.is_rpc_secret(value):
                self._recording.secret_outputs.add(name)


def _name_references(values: Struct | ListValue) -> None:
    """Put the URN in the place of each resource that is a value, however deep."""
    for key in list(values) if isinstance(values, Struct) else range(len(values)):
        value = values[key]
        if isinstance(value, Struct) and _KIND in value and value[_KIND] == _RESOURCE:
            values[key] = value["urn"]
        elif isinstance(value, Struct | ListValue):
            _name_references(value)


def _node(request: Any, urn: str) -> Node:
    by_property = {name: frozenset(each.urns) - {urn} for name, each in request.propertyDependencies.items()}
    return Node(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        inputs=rpc.deserialize_properties(request.object),
        dependencies=frozenset(request.dependencies).union(*by_property.values()) - {urn},
        property_dependencies=by_property,
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        timeouts={
            "create": request.customTimeouts.create,
            "update": request.customTimeouts.update,
            "delete": request.customTimeouts.delete,
        },
        provider=request.provider,
        providers=dict(request.providers),
        delete_before_replace=request.deleteBeforeReplace,
    )


def _physical_id(node: Node) -> str:
    return str(node.inputs.get("name") or f"{node.name}-id")


def _reference(node: Node) -> dict[str, str]:
    """A resource as an output of another one."""
    return {_KIND: _RESOURCE, "urn": node.urn, "id": _physical_id(node)}
