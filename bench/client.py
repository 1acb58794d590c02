"""A small HTTP/1.1 load generator over keep-alive connections, light enough to leave the cores to the server."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One client's connection. It opens again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        body = json.dumps(data).encode() if data is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/json")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(message)
        await writer.drain()
        return await self._answer(reader, method)

    async def _answer(self, reader: asyncio.StreamReader, method: str) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = b""
        if method != "HEAD" and status not in {204, 304}:
            body = await self._body(reader, headers)
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, headers, body)

    async def _body(self, reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
        if "content-length" in headers:
            return await reader.readexactly(int(headers["content-length"]))
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()
            self.streams = None


@dataclass
class Figures:
    """What a run measured. Times are in seconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        return statistics.quantiles(self.times, n=100)[round(part * 100) - 1] if len(self.times) > 1 else 0.0


Operation = Callable[[Connection], Awaitable[None]]


async def _run(operation: Operation, port: int, clients: int, seconds: float) -> Figures:
    figures, end = Figures(), time.perf_counter() + seconds

    async def client() -> None:
        connection = Connection(port)
        while (began := time.perf_counter()) < end:
            try:
                await operation(connection)
                figures.times.append(time.perf_counter() - began)
            except Exception as error:
                figures.errors.append(repr(error)[:300])
                connection.close()
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _client in range(clients)))
    figures.seconds = time.perf_counter() - began
    return figures


def load(operation: Operation, *, port: int, clients: int, seconds: float) -> Figures:
    """Repeat `operation` from `clients` connections at once for `seconds`."""
    return asyncio.run(_run(operation, port, clients, seconds))


def get(path: str, *, method: str = "GET", varying: str = "", **headers: str) -> Operation:
    """The operation of one request. With `varying`, a query parameter, no two requests ask the same."""
    numbers = itertools.count(10**6)

    async def operation(connection: Connection) -> None:
        asked = f"{path}?{varying}={next(numbers)}" if varying else path
        answer = await connection.request(method, asked, **headers)
        if answer.status != 200:
            raise RuntimeError(f"{method} {asked} answered {answer.status}: {answer.body[:200]!r}")

    return operation
