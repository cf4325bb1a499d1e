"""A python-osc server that keeps what it hears."""

import threading

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer


class Listener:
    """In a thread until `close`."""

    def __init__(self) -> None:
        self.heard: list[tuple] = []
        """Address and arguments."""
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda *heard: self.heard.append(heard))
        self._server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def is_on(self) -> bool:
        return bool(self.heard) and self.heard[-1][1] == 1

    def close(self) -> None:
        """Allowed twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
