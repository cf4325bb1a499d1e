"""Open Ephys' GUI as its manual and source describe it: the HTTP server, and the plugin Network Events."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import zmq


class Gui:
    """The HTTP server's /api/status and /api/message, in a thread until `close`."""

    def __init__(self, mode: str = "RECORD") -> None:
        self.mode = mode
        self.messages: list[str] = []
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def _handler(gui) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 1

            def do_GET(self) -> None:
                gui.requests.append(f"GET {self.path}")
                self._reply()

            def do_PUT(self) -> None:
                gui.requests.append(f"PUT {self.path}")
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/api/message" and gui.mode != "IDLE":
                    gui.messages.append(body["text"])
                self._reply()

            def _reply(self) -> None:
                reply = json.dumps({"mode": gui.mode}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *args) -> None:
                pass

        return Handler

    def close(self) -> None:
        """Allowed twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class NetworkEvents:
    """The plugin: answers `TTL Line=… State=…` and `IsAcquiring` on a REP socket, in a thread until `close`."""

    def __init__(self, answer=lambda line, state: f"TTLHandled: Line={line} State={state}") -> None:
        self.states: list[tuple[int, int]] = []
        self.heard: list[str] = []
        self.answer = answer
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REP)
        self.port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def is_on(self) -> bool:
        return bool(self.states) and self.states[-1][1] == 1

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._socket.poll(20):
                self._socket.send_string(self._obey(self._socket.recv_string()))

    def _obey(self, request: str) -> str:
        self.heard.append(request)
        if request == "IsAcquiring":
            return "1"
        command, *parameters = request.split(" ")
        if command != "TTL":
            return "NotHandled"
        given = dict(each.split("=") for each in parameters)
        line, state = int(given["Line"]), int(given["State"])
        self.states.append((line, state))
        return self.answer(line, state)

    def close(self) -> None:
        """Allowed twice."""
        if self._thread.is_alive():
            self._stop.set()
            self._thread.join()
            self._socket.close(linger=0)
            self._context.term()
