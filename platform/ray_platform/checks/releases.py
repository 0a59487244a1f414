"""Whether the releases in use are supported, offered and within reach: the table of ``versions`` is the gate."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ray_platform.checks.facts import Case, ClusterFacts
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.checks.leftovers import is_taken
from ray_platform.config.problems import remove_command, set_command
from ray_platform.config.version_step import VERSION_PATH, forbidden_step, minor_number
from ray_platform.versions import EXTENDED_SUPPORT_SURCHARGE, KUBERNETES_MINORS, READ_ON

SUPPORT = Check(
    code="kubernetes-support",
    group="Versions",
    asks="Is the Kubernetes version in standard support of EKS, today and for a while?",
)
STEP = Check(
    code="kubernetes-step",
    group="Versions",
    asks="Can the cluster that exists be brought to the configured Kubernetes version?",
)
ADDON_OFFERED = Check(
    code="addon-version", group="Versions", asks="Does EKS offer the addon versions for this Kubernetes version?"
)
TABLE_AGE = Check(code="releases-age", group="Versions", asks="Is the platform's table of releases recent?")
CHECKS = (SUPPORT, STEP, ADDON_OFFERED, TABLE_AGE)

NOTICE: Final = timedelta(days=90)
# Standard support lasts 14 months: a table older than a year knows hardly a version that is still in it.
TABLE_AGE_MAX: Final = timedelta(days=365)
_HOURS_PER_MONTH: Final = 730
_SURCHARGE: Final = (
    f"{EXTENDED_SUPPORT_SURCHARGE:.2f} USD more per hour, {EXTENDED_SUPPORT_SURCHARGE * _HOURS_PER_MONTH:.0f} USD per "
    "month"
)

# The addons, the keys of their sections, and the attributes of the settings.
_ADDONS: Final = (
    ("vpc-cni", "vpcCni", "vpc_cni"),
    ("kube-proxy", "kubeProxy", "kube_proxy"),
    ("coredns", "coredns", "coredns"),
    ("aws-ebs-csi-driver", "ebsCsiDriver", "ebs_csi_driver"),
)


def findings(case: Case) -> Iterator[Finding]:
    """Whether the version of an existing cluster is looked at depends on whether the cluster is the stack's."""
    yield from _support(case)
    if case.facts.cluster is not None and not is_taken(case.facts):
        yield from _step(case.settings.cluster.kubernetes_version, case.facts.cluster)
    yield from _addons(case)
    if case.facts.today - READ_ON > TABLE_AGE_MAX:
        yield found(
            TABLE_AGE,
            "warning",
            where=VERSION_PATH,
            what="The platform's table of releases is old: there may be later ones, with fixes that this one lacks",
            evidence=f"It was read on {READ_ON}, {(case.facts.today - READ_ON).days} days ago",
            remedy="Take a newer release of the platform.",
        )


def _support(case: Case) -> Iterator[Finding]:
    """An end is the last day of support; the day after, EKS acts."""
    version, today = case.settings.cluster.kubernetes_version, case.facts.today
    extended = case.settings.cluster.support_type == "EXTENDED"
    minor = KUBERNETES_MINORS[version]
    ended, end = today > minor.standard_support_until, minor.standard_support_until
    calendar = f"The calendar of EKS has standard support for {version} until {end}, extended support until "
    calendar += f"{minor.extended_support_until}; today is {today}"
    if today > minor.extended_support_until:
        what = f"Kubernetes {version} is out of extended support: EKS creates no such cluster, and upgrades the others"
    elif ended and not extended:
        what = (
            f"Kubernetes {version} left standard support on {end}, and with supportType STANDARD EKS keeps no cluster "
            "there: it upgrades it by itself, and this configuration no longer fits it"
        )
    elif ended:
        what = f"Kubernetes {version} left standard support on {end}, and the control plane costs {_SURCHARGE}"
    elif end - today <= NOTICE and extended:
        what = f"Kubernetes {version} leaves standard support on {end}; then the control plane costs {_SURCHARGE}"
    elif end - today <= NOTICE:
        what = (
            f"Kubernetes {version} leaves standard support on {end}; then EKS upgrades the cluster by itself. Extended "
            f"support (supportType EXTENDED) would cost {_SURCHARGE}"
        )
    else:
        return
    fails = ended and not (extended and today <= minor.extended_support_until)
    yield found(
        SUPPORT,
        "error" if fails else "warning",
        where=VERSION_PATH,
        what=what,
        evidence=calendar,
        remedy=_move_on(version),
    )


def _move_on(version: str) -> str:
    later = sorted((each for each in KUBERNETES_MINORS if minor_number(each) > minor_number(version)), key=minor_number)
    if not later:
        return "Take a newer release of the platform: this one knows no later Kubernetes version."
    return set_command(VERSION_PATH, later[0])


def _step(wanted: str, cluster: ClusterFacts) -> Iterator[Finding]:
    step = forbidden_step(cluster.version, wanted)
    if step is None:
        return
    yield found(
        STEP,
        "error",
        where=VERSION_PATH,
        what=step.why,
        evidence=f"{cluster.name} runs {cluster.version}, the configuration wants {wanted}",
        remedy=step.remedy,
    )


def _addons(case: Case) -> Iterator[Finding]:
    addons, version = case.settings.addons, case.settings.cluster.kubernetes_version
    for addon, key, attribute in _ADDONS:
        wanted = getattr(addons, attribute).version
        offered = (case.facts.addon_versions or {}).get(addon, ())
        if wanted is None or not offered or wanted in offered or (addon.endswith("driver") and not _driver(case)):
            continue
        path, nearest = f"addons.{key}.version", _nearest(wanted, offered)
        yield found(
            ADDON_OFFERED,
            "error",
            where=path,
            what=f"EKS does not offer {addon} {wanted} for Kubernetes {version}",
            evidence=f"{len(offered)} versions are offered; the nearest: {', '.join(nearest)}",
            remedy=f"{set_command(path, nearest[-1])}; or take EKS's default: {remove_command(path)}",
        )


def _driver(case: Case) -> bool:
    return case.settings.addons.ebs_csi_driver.enabled


def _nearest(wanted: str, offered: tuple[str, ...]) -> list[str]:
    """The ones below and above it, as far as there are any; in the order of age."""
    ordered = sorted(offered, key=_digits)
    place = bisect_left([_digits(each) for each in ordered], _digits(wanted))
    return ordered[max(place - 1, 0) : place + 1]


def _digits(version: str) -> tuple[int, ...]:
    """``v1.20.4-eksbuild.2`` as (1, 20, 4, 2)."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
