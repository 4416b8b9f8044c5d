"""Signs payment events for Onecharge (docs/signing.md). Python 3.8, standard library only.

    python3 sign.py --key-id ID --stage STAGE KEYFILE < events.ndjson > signed.ndjson
    python3 sign.py --check vectors.json
"""
import base64, hashlib, hmac, json, struct, sys

FIELDS = """data.amount.currency data.amount.value data.channel data.chargeId data.instrument data.livemode data.mcc
data.merchant data.open data.order data.orderTotal.currency data.orderTotal.value data.outcome data.part data.payer
data.payment data.reference data.refundAmount data.refundId data.refundStatus data.refundedTotal data.test
data.total.currency data.total.value data.wonBy id livemode source specversion test time type""".split()


def value_at(event, path):
    for name in path.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event


def text_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value
    raise ValueError("a signed field is a text, an integer or a boolean")


def framed(text):
    data = text.encode("utf-8")
    return struct.pack(">I", len(data)) + data


def signed_bytes(event, stage, key_id):
    pairs = {"stage": stage, "sigkid": key_id}
    for name in FIELDS:
        value = value_at(event, name)
        if value is not None:
            pairs[name] = text_of(value)
    names = sorted(pairs, key=lambda name: name.encode("utf-8"))
    return b"".join(framed(name) + framed(pairs[name]) for name in names)


def signature(event, stage, key_id, key):
    mac = hmac.new(key, signed_bytes(event, stage, key_id), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode("ascii").rstrip("=")


def check(file):
    with open(file, encoding="utf-8") as opened:
        vectors = json.load(opened)
    keys = {key["id"]: base64.b64decode(key["key"]) for key in vectors["keys"]}
    wrong = 0
    for vector in vectors["valid"]:
        event = json.loads(vector["event"])
        made = signature(event, vectors["stage"], event["sigkid"], keys[event["sigkid"]])
        wrong += made != event["sig"]
        print("ok" if made == event["sig"] else "WRONG", vector["name"])
    return 1 if wrong else 0


def main(arguments):
    if arguments[:1] == ["--check"]:
        return check(arguments[1])
    if len(arguments) != 5 or arguments[0] != "--key-id" or arguments[2] != "--stage":
        sys.exit(__doc__)
    key_id, stage = arguments[1], arguments[3]
    with open(arguments[4], encoding="utf-8") as opened:
        key = base64.b64decode(json.load(opened)["keys"][key_id]["key"])
    for line in sys.stdin:
        event = json.loads(line)
        print(json.dumps({**event, "sigkid": key_id, "sig": signature(event, stage, key_id, key)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
