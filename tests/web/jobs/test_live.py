"""Live events over a real server process: everyone who watches gets every step, nobody else gets any."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from minping_web.accounts.models import User
from minping_web.common.clock import now
from minping_web.common.live import pump as pumps
from minping_web.jobs.models import Job
from tests.web.entering import sign_in
from tests.web.factories import grant, user
from tests.web.jobs.worlds import ROOT, environment, queued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
COUNTED = """
import os, uvicorn, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "minping_web.site.settings"
from minping_web.site.asgi import application
from minping_web.common.live import pump
pump.RECHECK, pump.PAUSE = 1.0, 0.2
async def counted(scope, receive, send):
    if scope["type"] == "http" and scope["path"] == "/open-streams":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(pump.pump.open_streams).encode()})
    else:
        await application(scope, receive, send)
uvicorn.run(counted, fd=int(sys.argv[1]), lifespan="off", log_level="warning", timeout_graceful_shutdown=2)
"""


@dataclass
class Server:
    """A running server."""

    port: int

    async def open(
        self, path: str, session: str, last_id: str = ""
    ) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        """Send a GET; gives status, the rest of the answer, the way to hang up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        extra = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={session}\r\n{extra}\r\n"
        writer.write(head.encode())
        status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass
        return status, reader, writer

    async def open_streams(self) -> int:
        """How many streams the server holds."""
        _, reader, writer = await self.open("/open-streams", "")
        await reader.readline()  # length of the chunk
        text = await reader.readline()
        await _hang_up(writer)
        return int(text)

    async def freed(self) -> None:
        """Return when the server holds no stream any more."""
        end = time.monotonic() + 60
        while await self.open_streams():
            assert time.monotonic() < end, "streams were not freed"
            await asyncio.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real uvicorn process on the database of the test."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.set_inheritable(True)
    told = {**environment(tmp_path / "data"), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    from django.conf import settings

    (tmp_path / "data" / "keys").mkdir(parents=True)
    (tmp_path / "data" / "keys" / "session-key").write_text(settings.SECRET_KEY)
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTED, str(listening.fileno())],
        env=told,
        cwd=ROOT,
        pass_fds=[listening.fileno()],
    )
    yield Server(listening.getsockname()[1])
    process.terminate()
    process.wait(15)
    listening.close()


def _session(who: User) -> str:
    return str(sign_in(Client(), who).session.session_key)


def _bureau(count: int) -> list[str]:
    """Sessions of users who may see all jobs."""
    people = [user() for _ in range(count)]
    for who in people:
        grant(who, "district_bureau")
    return [_session(who) for who in people]


@dataclass
class Heard:
    """What one client got."""

    status: int = 0
    states: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    last_id: str = ""
    begun: asyncio.Event = field(default_factory=asyncio.Event)


async def _listen(server: Server, path: str, session: str, heard: Heard) -> None:
    heard.status, reader, writer = await server.open(path, session)
    try:
        while line := await reader.readline():
            text = line.decode().strip()
            if text.startswith("id: "):
                heard.last_id = text[4:]
            if text.startswith("data: "):
                told = json.loads(text[6:])
                heard.states.append(told["state"])
                heard.done.append(told["done"])
                heard.labels.append(told["state_label"])
                heard.begun.set()
            if text == "0":  # the last chunk
                return
    finally:
        await _hang_up(writer)


def _step(job: Job, **values: object) -> None:
    Job.objects.filter(pk=job.pk).update(version=Job.objects.get(pk=job.pk).version + 1, **values)


async def _until(told: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _closing(job: Job, values: dict[str, object]) -> None:
    try:
        _step(job, **values)
    finally:
        connection.close()


@pytest.mark.deep
def test_fifty_clients_hear_every_step_and_the_stream_ends_with_the_job(server: Server) -> None:
    job, sessions = queued("test.effect", name="watched"), _bureau(50)

    async def watch() -> list[Heard]:
        everybody = [Heard() for _ in sessions]
        path = f"/live/jobs/{job.pk}"
        listening = [
            asyncio.create_task(_listen(server, path, session, heard))
            for session, heard in zip(sessions, everybody, strict=True)
        ]
        await asyncio.wait_for(asyncio.gather(*(heard.begun.wait() for heard in everybody)), 60)
        for done in (1, 2, 3):
            await asyncio.to_thread(_closing, job, {"state": "running", "done": done, "total": 3})
            await _until(lambda done=done: all(done in heard.done for heard in everybody))
        await asyncio.to_thread(_closing, job, {"state": "done", "ended_at": now()})
        await asyncio.wait_for(asyncio.gather(*listening), 60)
        await server.freed()
        return everybody

    everybody = asyncio.run(watch())
    assert [heard.status for heard in everybody] == [200] * 50
    assert {tuple(heard.states) for heard in everybody} == {
        ("queued", "running", "running", "running", "done")
    }
    assert {tuple(heard.done) for heard in everybody} == {(0, 1, 2, 3, 3)}
    assert everybody[0].labels[0] == "等待中"


def test_foreign_users_find_no_stream_and_visitors_are_sent_to_sign_in(server: Server) -> None:
    job = queued("test.effect", name="watched")
    stranger = user()
    grant(stranger, "worker")

    async def ask() -> tuple[int, int, int]:
        codes = []
        for path, session in (
            (f"/live/jobs/{job.pk}", _strange),
            (f"/live/jobs/{job.pk}", ""),
            ("/live/jobs/999999", _strange),
        ):
            status, _, writer = await server.open(path, session)
            await _hang_up(writer)
            codes.append(status)
        return tuple(codes)  # type: ignore[return-value]

    _strange = _session(stranger)
    assert asyncio.run(ask()) == (404, 302, 404)


def test_hanging_up_frees_the_stream_and_one_user_holds_a_few_only(server: Server) -> None:
    job, (session,) = queued("test.effect", name="watched"), _bureau(1)

    async def crowd() -> tuple[list[int], int]:
        opened = [await server.open(f"/live/jobs/{job.pk}", session) for _ in range(pumps.STREAMS_PER_USER)]
        for _, reader, _ in opened:
            await asyncio.wait_for(reader.readline(), 60)
        status, _, writer = await server.open(f"/live/jobs/{job.pk}", session)
        await _hang_up(writer)
        for _, _, one in opened:
            await _hang_up(one)
        await server.freed()
        again, _, writer = await server.open(f"/live/jobs/{job.pk}", session)
        await _hang_up(writer)
        return [code for code, _, _ in opened], status * 1000 + again

    codes, more = asyncio.run(crowd())
    assert codes == [200] * pumps.STREAMS_PER_USER
    assert more == 429_200


@pytest.mark.deep
def test_a_browser_that_comes_back_after_the_end_is_sent_away(server: Server) -> None:
    job, (session,) = queued("test.effect", name="watched"), _bureau(1)
    _step(job, state="done", ended_at=now())

    async def come_back() -> tuple[list[str], int]:
        heard = Heard()
        await asyncio.wait_for(_listen(server, f"/live/jobs/{job.pk}", session, heard), 60)
        status, _, writer = await server.open(f"/live/jobs/{job.pk}", session, heard.last_id)
        await _hang_up(writer)
        return heard.states, status

    assert asyncio.run(come_back()) == (["done"], 204)


@pytest.mark.deep
@pytest.mark.parametrize("ended", ["session", "rights"])
def test_a_stream_closes_when_session_or_rights_end(server: Server, ended: str) -> None:
    who = user()
    held = grant(who, "district_bureau")
    job, session = queued("test.effect", name="watched"), _session(who)

    def end() -> None:
        try:
            if ended == "session":
                Client(headers={"cookie": f"sessionid={session}"}).logout()
                from minping_web.common.sessions import SessionStore

                SessionStore(session).delete()
            else:
                held.revoked_at = now()
                held.save()
        finally:
            connection.close()

    async def watch() -> Heard:
        heard = Heard()
        listening = asyncio.create_task(_listen(server, f"/live/jobs/{job.pk}", session, heard))
        await asyncio.wait_for(heard.begun.wait(), 60)
        await asyncio.to_thread(end)
        await asyncio.wait_for(listening, 60)
        return heard

    assert asyncio.run(watch()).states == ["queued"]
