"""
Starts the pinned emulator, and lets it count a table's items when somebody asks rather than at every write.

MiniStack 1.4.21 goes through all items of a table after each write to it. At 80,000 windows that was 96 % of what the
emulator did, and it judged a few events a second instead of some hundred. Nothing else is other than it ships. After a
change of version that has other names this fails at the start, with the name that is missing.
"""

from ministack.app import main
from ministack.services import dynamodb

count = dynamodb._update_counts
describe = dynamodb._table_description


def describe_counted(name):
    count(dynamodb._tables[name])
    return describe(name)


dynamodb._update_counts = lambda table: None
dynamodb._table_description = describe_counted

main()
