"""S3-compatible storage as a process of its own: moto's server, which checks who asks and how the request is signed.

``python -m tests.support.s3_server`` serves on a free port until it is killed, and prints a line of JSON: ``endpoint``,
and the key of somebody who may use the bucket ``recordings``.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

BUCKET = "recordings"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
SETTING_UP = "4"
"""The requests that are taken from anybody: those that make user, key, policy and bucket."""


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    access_key_id: str
    secret_access_key: str


@asynccontextmanager
async def s3_server() -> AsyncIterator[S3Server]:
    """Serve with an empty bucket."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.s3_server",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": SETTING_UP},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            made = json.loads(await process.stdout.readline())
        yield S3Server(**made)
    finally:
        process.kill()
        await process.wait()


def _serve() -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anybody"}
    session = boto3.session.Session(region_name="us-east-1", **keys)
    users = session.client("iam", endpoint_url=endpoint)
    users.create_user(UserName="bridge")
    key = users.create_access_key(UserName="bridge")["AccessKey"]
    users.put_user_policy(UserName="bridge", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    session.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    sys.stdout.write(json.dumps(asdict(S3Server(endpoint, key["AccessKeyId"], key["SecretAccessKey"]))) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    _serve()
