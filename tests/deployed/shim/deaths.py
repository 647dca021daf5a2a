"""Functions that are killed with an event in their hands, while the file that DEATHS names is there.

Each event kills its function once, some milliseconds after it was handed over; who comes again with it is spared.
"""

import contextlib
import json
import os
import pathlib
import random
import signal
import threading

from ministack.core.lambda_runtime import ProvidedWorker

SWITCH = pathlib.Path(os.environ["DEATHS"])
# Whoever asks the API asks again by themselves.
SPARED = "-api"
MILLISECONDS_MAX = 40
INIT_SECONDS_MAX = 10

invoke = ProvidedWorker.invoke
seen = set()


def invoke_and_kill(worker, event, request_id, **options):
    once = (worker.func_name, json.dumps(event, sort_keys=True))
    if SWITCH.exists() and not worker.func_name.endswith(SPARED) and once not in seen:
        seen.add(once)
        threading.Timer(random.uniform(0, MILLISECONDS_MAX) / 1000, kill, [worker]).start()
    return invoke(worker, event, request_id, **options)


def kill(worker):
    # Not while it gets ready: Lambda would make another one, ministack takes that for an error of the function.
    if worker._first_poll.wait(INIT_SECONDS_MAX) and worker._proc is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker._proc.pid, signal.SIGKILL)


ProvidedWorker.invoke = invoke_and_kill
