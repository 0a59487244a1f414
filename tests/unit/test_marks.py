"""The marks that the product keeps as text, because its rules know nothing of Pulumi, against the SDK's own."""

from pulumi.runtime import rpc

from ray_platform import marks


def test_the_marks_are_those_of_the_sdk() -> None:
    known = (rpc._special_sig_key, rpc._special_secret_sig, rpc._special_output_value_sig)
    assert known == (marks.SIGNATURE, marks.SECRET_VALUE, marks.OUTPUT_VALUE)
