"""How many requests reach Prefect at the same time."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from tunesmith.server.guarded_app import MAX_AT_ONCE, GuardedApp

N = 5 * MAX_AT_ONCE


def _scope(path: str) -> Scope:
    host = (b"host", b"127.0.0.1:4200")
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [host],
        "server": ("127.0.0.1", 4200),
    }


class _Busy:
    """An application that answers when it is told to, and knows how many wait for it."""

    def __init__(self) -> None:
        self.n_within = self.n_most = self.n_answered = 0
        self.is_full = asyncio.Event()
        self.may_go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.n_within += 1
        self.n_most = max(self.n_most, self.n_within)
        if self.n_within == MAX_AT_ONCE:
            self.is_full.set()
        await self.may_go.wait()
        self.n_within -= 1
        self.n_answered += 1


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _drop(message: Message) -> None:
    pass


def test_no_more_requests_reach_the_api_than_its_database_has_connections_for() -> None:
    async def ask() -> _Busy:
        behind = _Busy()
        app = GuardedApp(behind, behind)
        asked = [app(_scope("/api/flow_runs/filter"), _nothing, _drop) for _ in range(N)]
        everything = asyncio.gather(*asked)
        await behind.is_full.wait()
        behind.may_go.set()
        await everything
        return behind

    behind = asyncio.run(ask())

    assert behind.n_most == MAX_AT_ONCE
    assert behind.n_answered == N


def test_pages_do_not_wait_for_the_api() -> None:
    async def ask() -> int:
        behind = _Busy()
        app = GuardedApp(behind, behind)
        busy = [app(_scope("/api/logs"), _nothing, _drop) for _ in range(MAX_AT_ONCE)]
        everything = asyncio.gather(*busy)
        await behind.is_full.wait()
        page = asyncio.ensure_future(app(_scope("/runs"), _nothing, _drop))
        await asyncio.sleep(0)
        n_within = behind.n_within
        behind.may_go.set()
        await asyncio.gather(everything, page)
        return n_within

    assert asyncio.run(ask()) == MAX_AT_ONCE + 1
