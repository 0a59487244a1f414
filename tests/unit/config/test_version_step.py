"""A cluster goes up by one Kubernetes minor version at a time, and never back."""

import pytest

from ray_platform.config.version_step import step_problems

SET = "pulumi config set --path 'ray-on-eks:cluster.kubernetesVersion'"


@pytest.mark.parametrize("in_use", ["1.34", "1.35"])
def test_the_same_version_and_the_next_are_within_reach(in_use: str) -> None:
    assert step_problems("ray-dev", in_use, "1.35") == []


@pytest.mark.parametrize(
    ("in_use", "wanted", "why", "remedy"),
    [
        ("1.33", "1.35", "one minor version at a time", f"{SET} 1.34\npulumi up\nThen go on to 1.35."),
        ("1.32", "1.35", "one minor version at a time", "Bring it to 1.33 with the release of the platform"),
        ("1.35", "1.34", "cannot take a cluster back", f"{SET} 1.35"),
        ("1.36", "1.35", "cannot take a cluster back", "Take a release of the platform that knows Kubernetes 1.36."),
        ("1.9", "1.34", "one minor version at a time", "Bring it to 1.10"),
    ],
)
def test_any_other_is_refused_with_the_one_in_use_and_the_next_one_to_set(
    in_use: str, wanted: str, why: str, remedy: str
) -> None:
    (problem,) = step_problems("ray-dev", in_use, wanted)

    assert (problem.path, problem.value) == ("cluster.kubernetesVersion", wanted)
    assert f"{in_use}, which ray-dev runs" in problem.rule and why in problem.rule
    assert problem.remedy.startswith(remedy)
