"""What a changed layout means for Ray pods that may already run: a refusal, or a warning.

KubeRay forgets a worker group that is gone from the spec, and its pods stay without an owner (kuberay#1739). And unless
``ray.upgradeStrategy`` is ``Recreate`` it leaves running pods as they are when their template changes.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ray_platform.config.pool_rules import RAY_HEAD_GROUP
from ray_platform.config.problems import Problem, set_command, yaml_path
from ray_platform.config.ray_config import RayConfig
from ray_platform.scheduling.layout import RayLayout

# What of the layout is in a pod's template; the bounds of a group are not, and take effect at once.
_TEMPLATE_KEYS: Final = ("image", "resources", "nodeSelector", "tolerations", "spot")
# What KubeRay compares to recreate pods: the spec without bounds and tolerations (ray-operator 1.6.2,
# GenerateHashWithoutReplicasAndWorkersToDelete).
_COMPARED_KEYS: Final = ("image", "resources", "nodeSelector", "spot", "idleTimeoutSeconds")


def changes(previous: Mapping[str, Any], layout: RayLayout | None, ray: RayConfig) -> tuple[list[Problem], list[str]]:
    """Compare the stack's last outputs with what is to be: (what is refused, what is warned about).

    A stack without Ray, before or afterwards, has neither: the cluster comes or goes as a whole.
    """
    before = previous.get("ray")
    if not before or layout is None:
        return [], []
    if (before["name"], before["namespace"]) != (ray.name, ray.namespace):
        return [], [_replaced(before, ray)]
    after = layout.as_output()
    problems = [
        _undrained(name, group, added=after["workerGroups"].keys() - before["workerGroups"].keys(), ray=ray)
        for name, group in sorted(before["workerGroups"].items())
        if name not in after["workerGroups"] and group["maxReplicas"] > 0
    ]
    if ray.upgrade_strategy == "Recreate":
        return problems, _recreated(before, after, ray)
    return problems, _left_behind(before, after, ray)


def _replaced(before: Mapping[str, Any], ray: RayConfig) -> str:
    return (
        f"RayCluster {before['namespace']}/{before['name']} is replaced by {ray.namespace}/{ray.name}: every Ray pod "
        "ends, with the jobs on it, and the new cluster has a token of its own."
    )


def _undrained(name: str, group: Mapping[str, Any], *, added: Iterable[str], ray: RayConfig) -> Problem:
    path = yaml_path(["nodePools", name])
    new = list(added)
    renamed = f" (If {new[0]} is its new name: let both stand until {name} is drained.)" if len(new) == 1 else ""
    return Problem(
        path=path,
        # The engine keeps every number as one with a fraction.
        value={key: int(group[key]) for key in ("minReplicas", "maxReplicas")},
        rule="a pool whose Ray group was drained before it goes; this one may still have pods, which KubeRay would "
        f"leave behind, and they would keep its nodes{renamed}",
        remedy=f"Put the group back, then `{set_command(f'{path}.ray.maxReplicas', 0)}` (and no minReplicas), "
        f"`pulumi up`, wait until `{_pods('get', ray, name)}` shows none, and then remove it.",
    )


def _recreated(before: Mapping[str, Any], after: Mapping[str, Any], ray: RayConfig) -> list[str]:
    """KubeRay compares the whole spec without the bounds of groups: one that comes or goes changes every pod."""
    names = before["workerGroups"].keys() ^ after["workerGroups"].keys()
    changed = [*_changed(before, after, _COMPARED_KEYS), *(f"group {name}" for name in sorted(names))]
    settings = {"version": ray.version, "idleTimeoutSeconds": ray.idle_timeout_seconds}
    changed += [f"ray.{key}" for key, value in settings.items() if before[key] != value]
    if not changed:
        return []
    return [
        f"ray.upgradeStrategy is Recreate, and a change to {_listed(changed)} ends every Ray pod, the head's too, "
        "with the jobs on it."
    ]


def _left_behind(before: Mapping[str, Any], after: Mapping[str, Any], ray: RayConfig) -> list[str]:
    running = {name: group for name, group in before["workerGroups"].items() if group["maxReplicas"] > 0}
    changed = _changed({**before, "workerGroups": running}, after, _TEMPLATE_KEYS)
    if not changed:
        return []
    other_ray = (
        f" New workers with Ray {ray.version} cannot join a head that still runs {before['version']}."
        if before["version"] != ray.version
        else ""
    )
    by_hand = "; ".join(f"`{_pods('delete', ray, group)}`" for group in changed.values())
    return [
        f"{_listed(changed)} changed, but KubeRay leaves running pods as they are: only new ones follow.{other_ray} "
        f"Either `{set_command('ray.upgradeStrategy', 'Recreate')}`, which ends every Ray pod at once, or at a quiet "
        f"time {by_hand}."
    ]


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """The head and the groups of both sides that differ: how one is called, with the keys -> its group in KubeRay."""
    pairs = [("the head", RAY_HEAD_GROUP, before["head"], after["head"])]
    for name, group in after["workerGroups"].items():
        if name in before["workerGroups"]:
            pairs.append((f"group {name}", name, before["workerGroups"][name], group))
    found = {}
    for called, group_name, old, new in pairs:
        different = [key for key in keys if old.get(key) != new.get(key)]
        if different:
            found[f"{called} ({', '.join(different)})"] = group_name
    return found


def _pods(verb: str, ray: RayConfig, group: str) -> str:
    return f"kubectl -n {ray.namespace} {verb} pods -l ray.io/cluster={ray.name},ray.io/group={group}"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
