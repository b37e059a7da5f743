"""One vitals reading stored through the API, against the bare engine's own durable commits."""

import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg

from tests.bench.world import World, make_world, reading_body

ROW = ("x" * 36, "x" * 400)


class Rate(NamedTuple):
    """Requests a second, with the median and the 99th percentile of a request in ms."""

    per_s: float
    p50_ms: float
    p99_ms: float


def bare_sqlite(path: Path, seconds: float) -> float:
    """Durable single-row commits a second by one client: WAL, synchronous=FULL."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (id TEXT, body TEXT)")
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?, ?)", ROW)
        connection.execute("COMMIT")
        count += 1
    rate = count / (time.perf_counter() - start)
    connection.close()
    return rate


def bare_postgresql(url: str, seconds: float) -> float:
    """Durable single-row commits a second by one client, prepared and autocommitted."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare (id TEXT, body TEXT)")
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            connection.execute("INSERT INTO bare VALUES (%s, %s)", ROW, prepare=True)
            count += 1
        rate = count / (time.perf_counter() - start)
        connection.execute("DROP TABLE bare")
    return rate


@contextmanager
def serving(url: str, home: Path) -> Iterator[str]:
    """The real server as its own process, at a free port; answers its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"CHAIRSIDE_HOME": str(home), "CHAIRSIDE_DATABASE_URL": url}
    command = [str(Path(sys.executable).with_name("chairside")), "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within 30 s")


def posted(address: str, world: World, clients: int, seconds: float) -> Rate:
    """Readings a second by so many clients, each on one connection that it keeps."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_client, args=(address, world, chair, end, times))
        for chair in range(clients)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - start
    return Rate(len(times) / taken, median(times) * 1000, quantiles(times, n=100)[98] * 1000)


def _client(address: str, world: World, chair: int, end: float, times: list[float]) -> None:
    """A raw keep-alive client at one chair; the load costs little beside what it measures."""
    host = urlsplit(address)
    path = f"/api/v1/sessions/{world.session_ids[chair]}/readings"
    with socket.create_connection((str(host.hostname), int(host.port or 80))) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.perf_counter() < end:
            body = reading_body(world.now)
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {world.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            start = time.perf_counter()
            one.sendall(head.encode() + body)
            status = _answer(one)
            times.append(time.perf_counter() - start)
            if status != b"201":
                raise RuntimeError(f"a reading was answered with {status!r}")


def _answer(one: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += one.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(rest) < length:
        rest += one.recv(65536)
    return head.split(b" ", 2)[1]


def _analyze(world: World) -> None:
    """What PostgreSQL's autovacuum does within a minute of the first rows, at once."""
    with world.clinic.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def measure(url: str, home: Path, bare: float, seconds: float) -> dict[str, float]:
    """The API's rates with one client and with eight, and their ratios to the bare engine."""
    world = make_world(url)
    with serving(url, home) as address:
        posted(address, world, 2, min(2.0, seconds))
        _analyze(world)
        one, eight = posted(address, world, 1, seconds), posted(address, world, 8, seconds)
    world.clinic.database.close()
    return {
        "bare_per_s": bare,
        "one_client_per_s": one.per_s,
        "one_client_p50_ms": one.p50_ms,
        "one_client_p99_ms": one.p99_ms,
        "one_client_ratio": one.per_s / bare,
        "eight_clients_per_s": eight.per_s,
        "eight_clients_p50_ms": eight.p50_ms,
        "eight_clients_p99_ms": eight.p99_ms,
        "eight_clients_ratio": eight.per_s / bare,
        "eight_clients_p99_over_p50": eight.p99_ms / eight.p50_ms,
    }
