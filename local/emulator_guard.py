"""
Decides which requests reach the emulator. It is all of AWS on a loopback port, and any page of a browser can send there.

A request passes if this machine's own program signed it with the run's key, or if it is one of the few that AWS answers
without a signature: a call of an API, a sign-in at a user pool, a pool's public keys, the emulator's health. None passes
that a page of another origin sent, or that names another host. What an API answers to operators alone needs a signature,
as it does on AWS: the emulator's own authorizers know tokens only.
"""

import hashlib
import hmac
import re
from contextvars import ContextVar
from urllib.parse import quote, unquote

HEALTH_PATHS = ("/_ministack/ready", "/_localstack/health")
POOL_KEYS_PATH = re.compile(r"/[a-z]{2}-[a-z]+-\d_\w+/\.well-known/jwks\.json")
COGNITO_TARGET = "AWSCognitoIdentityProviderService."
#: What a user pool answers without a signature on AWS too. The console's server lets the same ones pass.
SIGN_IN = (
    "AssociateSoftwareToken",
    "GetTokensFromRefreshToken",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "RevokeToken",
    "VerifySoftwareToken",
)
#: Of an unsigned sign-in these headers pass. Others could name another service, and the emulator is all of them.
SIGN_IN_HEADERS = (b"host", b"content-length", b"transfer-encoding", b"user-agent", b"x-amz-target")
JSON_1_1 = (b"content-type", b"application/x-amz-json-1.1")
#: Paths of an API that take the signature of an operator.
OPERATOR_PATH = "/operator/"
#: The access key id that has signed the operator's request which is under way; nothing during every other request.
signer = ContextVar("signer", default=None)
ALGORITHM = "AWS4-HMAC-SHA256"
SIGNED = re.compile(ALGORITHM + r" Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})")


def guarded(app, port, secret_of):
    """Wraps the emulator's ASGI app. `secret_of` returns the secret of an access key id, or nothing."""
    hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
    api_host = re.compile(rf"([0-9a-f]{{8}})\.execute-api\.localhost:{port}")

    async def guard(scope, receive, send):
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        headers = joined(scope["headers"])
        query = query_of(scope)
        is_presigned = any(name.lower() == "x-amz-signature" for name, _ in query)
        if came_from_page(headers, is_presigned):
            return await refuse(send, "a page of another origin sent this")
        host = headers.get("host", "")
        api = api_host.fullmatch(host)
        signer.set(None)
        if api:
            if scope["path"].startswith(OPERATOR_PATH):
                signer.set(None if is_presigned else signer_of(scope, headers, query, secret_of, "execute-api"))
                if signer.get() is None:
                    return await answer(send, b"application/json", b'{"message":"Forbidden"}')
            return await app(to_api(scope, api[1], hosts[0]), receive, without_cors(send))
        if host not in hosts:
            return await refuse(send, "this is another host")
        if is_sign_in(scope, headers):
            scope = {**scope, "headers": [h for h in scope["headers"] if h[0] in SIGN_IN_HEADERS] + [JSON_1_1]}
        elif not is_public(scope) and signer_of(scope, headers, query, secret_of) is None:
            return await refuse(send, "this needs a signature with the key of the run")
        return await app(scope, receive, without_cors(send))

    return guard


def came_from_page(headers, is_presigned):
    """The console's server removes these headers. A presigned link may be followed; what answers is a file to save."""
    site = headers.get("sec-fetch-site", "none")
    is_followed = is_presigned and headers.get("sec-fetch-mode") == "navigate"
    return "origin" in headers or (site != "none" and not is_followed)


def to_api(scope, api, host):
    """By its path: under the API's own host the emulator answers its administration as well."""
    prefix = f"/_aws/execute-api/{api}/$default"
    headers = [(name, host.encode() if name == b"host" else value) for name, value in scope["headers"]]
    return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + raw_path(scope), "headers": headers}


def is_sign_in(scope, headers):
    names = [COGNITO_TARGET + name for name in SIGN_IN]
    is_root = scope["method"] == "POST" and scope["path"] == "/" and not scope["query_string"]
    return is_root and "authorization" not in headers and headers.get("x-amz-target") in names


def is_public(scope):
    if scope["method"] != "GET":
        return False
    return scope["path"] in HEALTH_PATHS or POOL_KEYS_PATH.fullmatch(scope["path"]) is not None


def signer_of(scope, headers, query, secret_of, service=None):
    """
    Returns the access key id whose secret has signed the request, for this service where one is named, or nothing.

    Signature Version 4, as docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html says.
    """
    asked = dict(query)
    stated = SIGNED.fullmatch(headers.get("authorization", ""))
    if stated:
        credential, names, signature = stated.groups()
        at, payload = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256", "")
        needed = {"host", "x-amz-date", "x-amz-content-sha256"}
    else:
        credential, names = asked.get("X-Amz-Credential", ""), asked.get("X-Amz-SignedHeaders", "")
        signature, at = asked.get("X-Amz-Signature", ""), asked.get("X-Amz-Date", "")
        payload, needed = "UNSIGNED-PAYLOAD", {"host"}
    access_key, _, rest = credential.partition("/")
    scopes = rest.split("/")
    secret = secret_of(access_key)
    if secret is None or len(scopes) != 4 or scopes[3] != "aws4_request" or not needed <= set(names.split(";")):
        return None
    if service not in (None, scopes[2]):
        return None
    pairs = sorted((encoded(n), encoded(v)) for n, v in query if n.lower() != "x-amz-signature")
    canonical = "\n".join(
        [
            scope["method"],
            canonical_path(scope, scopes[2]),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in names.split(";")),
            "",
            names,
            payload,
        ]
    )
    text = "\n".join([ALGORITHM, at, rest, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (*scopes, text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return access_key if hmac.compare_digest(key.hex().encode(), signature.encode()) else None


def canonical_path(scope, service):
    """Each service but S3 signs the path encoded once more."""
    raw = raw_path(scope).decode("latin-1")
    return raw if service == "s3" else quote(raw, safe="/-_.~")


def raw_path(scope):
    return (scope.get("raw_path") or scope["path"].encode()).split(b"?")[0]


def query_of(scope):
    """Splits without reading a plus as a blank: signatures are made of what was sent."""
    pairs = (pair.partition("=") for pair in scope["query_string"].decode("latin-1").split("&") if pair)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def encoded(text):
    return quote(text, safe="-_.~")


def joined(pairs):
    headers = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def without_cors(send):
    """The emulator lets each origin read each answer. No page needs that: the console is of one origin with its API."""

    async def forward(message):
        if message["type"] == "http.response.start":
            kept = [h for h in message.get("headers", []) if not h[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return forward


async def refuse(send, reason):
    await answer(send, b"text/plain", f"refused: {reason}\n".encode())


async def answer(send, content_type, body):
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
