"""The client that the documentation shows, run as it is against a real publisher."""

import subprocess
import sys
import threading
import time

from selfee_rt import clock
from selfee_rt.publish.publisher import Publisher
from tests.publish import samples
from tests.support import ROOT

CLIENT = ROOT / "docs" / "example_client.py"


def test_the_client_is_short_and_stands_in_the_documentation_as_it_is() -> None:
    text = CLIENT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 20
    assert f"```python\n{text}```" in (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")


def test_the_client_prints_what_is_published_and_ends_with_the_session() -> None:
    publisher = Publisher(samples.ANYWHERE, samples.session())
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, str(CLIENT), publisher.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as client:
        reader = threading.Thread(target=lambda: lines.extend(iter(client.stdout.readline, "")))
        reader.start()
        deadline = time.monotonic() + 60
        index = 0
        while client.poll() is None and time.monotonic() < deadline:
            publisher.write(samples.observation(index, "ab"))
            publisher.status(samples.status("running" if len(lines) < 5 else "ended", clock.now_ns()))
            index += 1
            time.sleep(0.01)
        client.terminate()
        reader.join()
        errors = client.stderr.read()
    publisher.close()
    assert (client.returncode, errors) == (0, "")
    first = int(lines[0].split()[1])
    assert lines[:5] == [f"ab {first + n} chasing {{'selfee': 0.1}} lost: 0\n" for n in range(5)]
