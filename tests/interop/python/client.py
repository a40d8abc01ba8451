"""python-socketio's two clients behind one way to connect, emit, call and wait: every method is awaited, whichever client is inside."""
import asyncio
import inspect

import socketio

PATIENCE = 15  # seconds; nothing here takes one
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
SWIFT = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.2, "randomization_factor": 0, "handle_sigint": False}


class Peer:
    """One connection, with a queue of what was heard of each event of each namespace. `question` is answered with what `answer` makes of it."""

    def __init__(self, flavour, namespaces=("/",)):
        self.blocking = flavour == "sync"
        self.io = socketio.Client(**SWIFT) if self.blocking else socketio.AsyncClient(**SWIFT)
        self.loop = asyncio.get_running_loop()
        self.namespaces = namespaces
        self.heard = {}
        self.answer = lambda *asked: asked
        for namespace in namespaces:
            self._listen(namespace)

    def _listen(self, namespace):
        def hear(event, *said):  # on a thread of the client's own where it is the blocking one
            self.loop.call_soon_threadsafe(self._queue(event, namespace).put_nowait, said)

        for event in ("connect", "disconnect", "connect_error"):
            self.io.on(event, lambda *said, event=event: hear(event, *said), namespace=namespace)
        self.io.on("*", hear, namespace=namespace)
        self.io.on("question", lambda *asked: self.answer(*asked), namespace=namespace)

    def _queue(self, event, namespace):
        return self.heard.setdefault((namespace, event), asyncio.Queue())

    async def _do(self, method, *args, **named):
        if self.blocking:
            return await asyncio.to_thread(method, *args, **named)
        result = method(*args, **named)
        return await result if inspect.isawaitable(result) else result

    async def connect(self, url, transport, auth=None):
        await self._do(self.io.connect, url, auth=auth, namespaces=list(self.namespaces), transports=TRANSPORTS[transport], wait_timeout=PATIENCE)
        for namespace in self.namespaces:
            await self.next("connect", namespace)
        return self

    async def emit(self, event, *said, namespace=None):
        await self._do(self.io.emit, event, said, namespace=namespace or self.namespaces[0])

    async def call(self, event, *said, namespace=None):
        """The acknowledgement: None, the one argument of it, or a tuple."""
        return await self._do(self.io.call, event, said, namespace=namespace or self.namespaces[0], timeout=PATIENCE)

    async def next(self, event, namespace=None):
        try:
            return await asyncio.wait_for(self._queue(event, namespace or self.namespaces[0]).get(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no {event} within {PATIENCE} s") from None

    async def close(self):
        await self._do(self.io.shutdown)
