"""
Starts the pinned emulator behind a guard, and lets it count a table's items when a client asks rather than at every write.

MiniStack 1.4.21 goes through all items of a table after each write to it. At 80,000 windows that was 96 % of what the
emulator did, and it judged a few events a second instead of some hundred. It also answers any page of a browser: see
emulator_guard.py. Its HTTP API does not know IAM authorizers: the guard verifies the signature of an operator, and here the
function gets the identity. Nothing else is other than it ships. After a change of version that has other names this fails at the
start, with the name that is missing.
"""

import os
import sys

from ministack import app as emulator
from ministack.services import dynamodb, lambda_svc, sts

sys.dont_write_bytecode = True
from emulator_guard import OPERATOR_PATH, guarded, signer  # noqa: E402

count = dynamodb._update_counts
describe = dynamodb._table_description
execute = lambda_svc._execute_function_with_config_scope
ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]


def describe_counted(name):
    count(dynamodb._tables[name])
    return describe(name)


def secret_of(access_key):
    """The run's own key, or what the emulator issued for a role that a program of this run assumed."""
    if access_key == ACCOUNT:
        return os.environ["AWS_SECRET_ACCESS_KEY"]
    return sts._sessions.get(access_key, {}).get("SecretAccessKey")


def identity_of(access_key):
    """As an IAM authorizer states it. The run's key is that of one user."""
    if access_key == ACCOUNT:
        return {"accountId": ACCOUNT, "userArn": f"arn:aws:iam::{ACCOUNT}:user/local", "userId": "local"}
    session = sts._sessions.get(access_key, {})
    return {"accountId": ACCOUNT, "userArn": session.get("Arn"), "userId": session.get("UserId")}


def execute_as_signer(func, event):
    """Only what the guard has verified of the request under way becomes an identity, and nothing that the request states."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if signer.get() is not None and context and f" {OPERATOR_PATH}" in context.get("routeKey", ""):
        context["authorizer"] = {"iam": identity_of(signer.get())}
    return execute(func, event)


lambda_svc._execute_function_with_config_scope = execute_as_signer
dynamodb._update_counts = lambda table: None
dynamodb._table_description = describe_counted
emulator.app = guarded(emulator.app, os.environ["GATEWAY_PORT"], secret_of)

emulator.main()
