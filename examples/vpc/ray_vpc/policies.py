"""IAM policy documents, as JSON text."""

import json
from typing import Any


def flow_log_trust() -> str:
    """Lets the service that writes flow logs assume a role."""
    return _document(
        {
            "Sid": "FlowLogs",
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def flow_log_writer(log_group_arn: str) -> str:
    """Lets a role write to the streams of one log group, and make none (VPC user guide, "Publish to CloudWatch")."""
    return _document(
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [log_group_arn, f"{log_group_arn}:*"],
        },
        {"Sid": "Find", "Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    )


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
