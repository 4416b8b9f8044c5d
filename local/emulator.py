"""
Starts the pinned emulator behind a guard, and lets it count a table's items when a client asks rather than at every write.

MiniStack 1.4.21 goes through all items of a table after each write to it. At 80,000 windows that was 96 % of what the
emulator did, and it judged a few events a second instead of some hundred. It also answers any page of a browser: see
emulator_guard.py. Nothing else is other than it ships. After a change of version that has other names this fails at the
start, with the name that is missing.
"""

import os
import sys

from ministack import app as emulator
from ministack.services import dynamodb, sts

sys.dont_write_bytecode = True
from emulator_guard import guarded  # noqa: E402

count = dynamodb._update_counts
describe = dynamodb._table_description


def describe_counted(name):
    count(dynamodb._tables[name])
    return describe(name)


def secret_of(access_key):
    """The run's own key, or what the emulator issued for a role that a program of this run assumed."""
    if access_key == os.environ["AWS_ACCESS_KEY_ID"]:
        return os.environ["AWS_SECRET_ACCESS_KEY"]
    return sts._sessions.get(access_key, {}).get("SecretAccessKey")


dynamodb._update_counts = lambda table: None
dynamodb._table_description = describe_counted
emulator.app = guarded(emulator.app, os.environ["GATEWAY_PORT"], secret_of)

emulator.main()
