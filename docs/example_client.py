import json
import sys

import zmq

socket = zmq.Context().socket(zmq.SUB)
socket.connect(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5571")
for topic in ("status", "observation."):
    socket.subscribe(topic)
expected = {}  # the next seq of each topic: a jump is what this reader was too slow for
while True:
    topic, payload = socket.recv_multipart()
    message = json.loads(payload)
    key = message["session_id"], topic
    lost = message["seq"] - expected.get(key, message["seq"])
    expected[key] = message["seq"] + 1
    if topic.startswith(b"observation."):
        print(message["arena"], message["index"], message["label"], message["scores"], "lost:", lost, flush=True)
    elif message["state"] == "ended":
        break
