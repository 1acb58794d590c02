"""A forked process has PostgreSQL sessions of its own: two processes on one socket would read each other's answers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.infra.prepared import ROOT

ASK = """
import os, time
import django; django.setup()
from django.db import connection

def session():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    connection.close()
    return pid

mine = session()
while not connection.pool.get_stats().get("pool_available"):  # closing gives the session back to the pool, soon
    time.sleep(0.01)
child = os.fork()
if child == 0:
    theirs = session()
    print("apart" if theirs != mine else "shared", flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("still mine" if session() == mine else "lost", flush=True)
"""


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_fork_shares_no_session() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={**os.environ, "DATABASE_POOL": "1"},  # one session, so that the parent's second is its first
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.split("\n"), done.returncode) == (["apart", "still mine", ""], 0), done.stderr
