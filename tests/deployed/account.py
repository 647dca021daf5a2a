"""An AWS account on this machine: ministack as a process, with its gaps closed."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

import environment

HERE = pathlib.Path(__file__).resolve().parent
# The same as `pipewright up` has, so that events of both can be compared.
ACCOUNT = "123456789012"
REGION = "us-east-1"
READY_SECONDS = 60
# It waits for tasks that wait for their token, however long.
STOP_SECONDS = 5


resolve = socket.getaddrinfo


def resolve_addresses_of_apis(host, *arguments, **options):
    """Not every machine takes names below localhost for itself."""
    return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *arguments, **options)


socket.getaddrinfo = resolve_addresses_of_apis


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Ministack:
    """Runs until it is left; what it says is in `place`/ministack.log."""

    def __init__(self, place):
        self.place = pathlib.Path(place)
        port = str(free_port())
        self.endpoint = f"http://127.0.0.1:{port}"
        # What its clients need, and its functions, as it hands on its own.
        self.client_environment = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.place / "nowhere"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.place / "nowhere"),
        }
        # While this file is there, functions die with events in their hands.
        self.deaths = self.place / "deaths"
        self.own_environment = {
            "DEATHS": str(self.deaths),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": port,
            "EDGE_PORT": port,
            "MINISTACK_HOST": "localhost",
            # Of requests whose keys are not of an account, as those for our API are.
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "LAMBDA_EXECUTOR": "local",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def __enter__(self):
        python = environment.programs("ministack", HERE / "requirements-ministack.txt") / "python"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.log = self.place / "ministack.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [python, HERE / "shim" / "run.py"],
                env=inherited | self.client_environment | self.own_environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"ministack does not get ready:\n{self.log.read_text()}")
            time.sleep(0.05)
        return self

    def _is_ready(self):
        try:
            return urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1).status == 200
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        # Its functions are processes of its group, and end with it.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
