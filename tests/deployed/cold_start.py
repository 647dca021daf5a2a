#!/usr/bin/env python3
"""What a function costs before it does anything: its size, the time until it asks for its first event, its memory then.

    cd infra/lambda && cargo lambda build --release && cd ../.. && python3 tests/deployed/cold_start.py

Each binary is started STARTS times behind a Runtime API that has no event for it. Fails when a goal is missed, which the
time is on a machine that is busy with something else.
"""

import http.server
import io
import os
import pathlib
import queue
import statistics
import subprocess
import threading
import time
import zipfile

BINARIES = pathlib.Path(__file__).resolve().parents[2] / "target" / "lambda"
STARTS = 20
INIT_MILLISECONDS_MAX = 40
ZIP_MEGABYTES_MAX = 8

# What template.yaml and Lambda tell every function.
ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:pipewright-stage-execution"
VARIABLES = {
    "PIPELINES_TABLE": "pipelines",
    "EXECUTIONS_TABLE": "executions",
    "OUTBOX_TABLE": "outbox",
    "ARTIFACT_BUCKET": "artifacts",
    "COMMANDS_PROJECT": "commands",
    "STAGE_EXECUTION_STATE_MACHINE_ARN": ARN,
    "FUNCTION_ARN_PREFIX": "arn:aws:lambda:eu-west-1:111122223333:function:pipewright-",
    "AWS_LAMBDA_FUNCTION_NAME": "pipewright",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    "AWS_LAMBDA_LOG_GROUP_NAME": "group",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Says when a function asked, and lets it wait."""

    asked = queue.Queue()

    def do_GET(self):
        self.asked.put(time.perf_counter())
        self.rfile.read(1)

    def log_message(self, *_):
        pass


def resident_megabytes(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


def start(binary, address):
    """Milliseconds, those of them on a processor, and megabytes."""
    begun = time.perf_counter()
    process = subprocess.Popen([binary], env={**VARIABLES, "AWS_LAMBDA_RUNTIME_API": address}, stdout=subprocess.DEVNULL)
    try:
        milliseconds = (RuntimeApi.asked.get(timeout=10) - begun) * 1000
        megabytes = resident_megabytes(process)
    finally:
        process.kill()
        _, process.returncode, used = os.wait4(process.pid, 0)
    return milliseconds, (used.ru_utime + used.ru_stime) * 1000, megabytes


def zipped_megabytes(binary):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, "bootstrap")
    return len(packed.getvalue()) / 1e6


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    rows = []
    print(f"{'function':24} {'binary MB':>9} {'zip MB':>7} {'init ms':>8} {'CPU ms':>7} {'memory MB':>10}")
    for binary in sorted(BINARIES.glob("*/bootstrap")):
        starts = [start(binary, address) for _ in range(STARTS)]
        milliseconds, busy, megabytes = (statistics.median(values) for values in zip(*starts))
        size, packed = os.path.getsize(binary) / 1e6, zipped_megabytes(binary)
        rows.append((milliseconds, packed))
        print(f"{binary.parent.name:24} {size:9.1f} {packed:7.2f} {milliseconds:8.1f} {busy:7.1f} {megabytes:10.1f}", flush=True)
    slowest, largest = (max(values) for values in zip(*rows))
    print(f"at most {slowest:.1f} ms of {INIT_MILLISECONDS_MAX}, and {largest:.2f} MB of {ZIP_MEGABYTES_MAX}")
    if slowest > INIT_MILLISECONDS_MAX or largest > ZIP_MEGABYTES_MAX:
        raise SystemExit("A goal is missed.")


if __name__ == "__main__":
    main()
