"""requests, bent so that it connects where we say and follows nothing by itself."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import requests
import requests.adapters

from backend.vision.sources.addresses import Address
from backend.vision.sources.url import StreamUrl


class PinnedAdapter(requests.adapters.HTTPAdapter):
    """Connects to one checked address, whatever its host's name resolves to by now."""

    def __init__(
        self, url: StreamUrl, address: Address, connected: Callable[[socket.socket], None]
    ) -> None:
        self._url = url
        self._address = address
        self._connected = connected
        super().__init__(pool_connections=1, pool_maxsize=2, max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        host = {**host, "host": str(self._address), "port": self._url.port}
        if self._url.is_tls:
            pool = {**pool, "server_hostname": self._url.host}
            if verify:
                pool["assert_hostname"] = self._url.host
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        base, connected = type(pool).ConnectionCls, self._connected

        class Watched(base):  # type: ignore[misc, valid-type]
            """Tells of its socket, so that a blocked read can be woken."""

            def connect(self) -> None:
                super().connect()
                # Whether to verify has been decided with reason; urllib3 would warn each time.
                self.is_verified = True
                connected(self.sock)

        pool.ConnectionCls = Watched
        return pool


class PlainSession(requests.Session):
    """Never looks where a redirect leads: requests would read its body, however long, first."""

    def __init__(self) -> None:
        super().__init__()
        # Neither proxies nor passwords from the environment.
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None
