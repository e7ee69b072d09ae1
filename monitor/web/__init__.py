"""What the daemon serves over HTTP: whether it is well, and its metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from monitor.errors import StoreError
from monitor.telemetry import log

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from monitor.service import Watch


def application(watch: "Watch") -> "Starlette":
    """The pages: /healthz says whether the process and its database answer, /metrics is for Prometheus."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def healthz(_request: "Request") -> "Response":
        try:
            return JSONResponse(await watch.health())
        except StoreError as error:
            return JSONResponse({"status": "failing", "detail": str(error)}, status_code=503)

    async def metrics(_request: "Request") -> "Response":
        return Response(await watch.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])


@asynccontextmanager
async def serving(watch: "Watch", host: str, port: int) -> AsyncIterator[str]:
    """Serve while the context lasts; gives the address. A port that is taken stops nobody from watching the news."""
    import uvicorn

    config = uvicorn.Config(application(watch), host=host, port=port, log_config=None, access_log=False, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # signals are the command's
    try:
        listener = config.bind_socket()
    except (OSError, SystemExit):
        log.warning("web-cannot-listen", listen=f"{host}:{port}", advice="choose another [web] listen, or run with --no-web")
        yield ""
        return
    task = asyncio.create_task(server._serve(sockets=[listener]))
    try:
        yield "http://{}:{}".format(*listener.getsockname()[:2])
    finally:
        server.should_exit = True
        await asyncio.wait([task], timeout=2)
        task.cancel()
        listener.close()
