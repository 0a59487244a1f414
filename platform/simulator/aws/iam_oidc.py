"""IAM's OIDC providers, which vouch for the service accounts of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.moto_api._internal import mock_random

from simulator.account.resource import Refusal
from simulator.aws.base import AwsType, in_order, tag_changes, tag_list, tag_map, tag_outputs, wanted_tags

if TYPE_CHECKING:
    from simulator.account import Account


class OpenIdConnectProvider(AwsType):
    """IAM fetches the URL's certificate when a provider is made: only the issuer of a cluster answers here."""

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    replace_on = frozenset({"url"})

    def enforce(self, account: Account, inputs: dict[str, Any]) -> None:
        issuers = {
            record.outputs["identities"][0]["oidcs"][0]["issuer"]
            for record in account.records("aws:eks/cluster:Cluster")
        }
        url = inputs["url"]
        if not url.startswith("https://"):
            raise Refusal("ValidationError", "Invalid Open ID Connect Provider URL")
        if url not in issuers:
            raise Refusal(
                "OpenIdIdpCommunicationError",
                f"There was a communication error when connecting to the OpenID Connect provider at {url}",
            )

    def make(self, account: Account, inputs: dict[str, Any], outputs: dict[str, Any]) -> str:
        answer = account.client("iam").create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs.get("clientIdLists") or [],
            # AWS looks the certificate's thumbprint up by itself when none is given.
            ThumbprintList=inputs.get("thumbprintLists") or [mock_random.get_random_hex(40)],
            Tags=tag_list(wanted_tags(inputs)),
        )
        return str(answer["OpenIDConnectProviderArn"])

    def describe(
        self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any] | None:
        try:
            provider = account.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id)
        except ClientError:
            return None
        return {
            "arn": id,
            "url": f"https://{provider['Url'].removeprefix('https://')}",
            "clientIdLists": in_order(inputs.get("clientIdLists"), provider["ClientIDList"]),
            "thumbprintLists": in_order(inputs.get("thumbprintLists"), provider["ThumbprintList"]),
            **tag_outputs(inputs, tag_map(provider.get("Tags"))),
        }

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        iam = account.client("iam")
        was, wanted = set(old.get("clientIdLists") or []), set(new.get("clientIdLists") or [])
        for client in sorted(wanted - was):
            iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=id, ClientID=client)
        for client in sorted(was - wanted):
            iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=id, ClientID=client)
        if new.get("thumbprintLists") and new["thumbprintLists"] != old.get("thumbprintLists"):
            iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=id, ThumbprintList=new["thumbprintLists"]
            )
        changed, gone = tag_changes(wanted_tags(old), wanted_tags(new))
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=id, Tags=tag_list(changed))
        iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=id, TagKeys=gone)
        return self.now(account, id, new, outputs)

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        account.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=id)
