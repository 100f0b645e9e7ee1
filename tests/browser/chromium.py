"""chromium.py - a headless Chromium that is told what to do over its debugging protocol.

Needs Debian's packages chromium and python3-websocket. Pages are files; any other request that a
page makes is noted as one of its faults.
"""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile

import websocket


class Chromium:
    """One browser with one tab. Use it as a context."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="reckon-browser-")
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-port=0",
             "--remote-allow-origins=*", f"--user-data-dir={self.folder}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            self.socket = websocket.create_connection(self._tab(), timeout=120)
        except BaseException:
            self.__exit__()
            raise
        self.number = 0
        self.events = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tab(self):
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = re.match(r"DevTools listening on ws://([^/]+)/", line)
            if found:
                break
        else:
            raise RuntimeError("chromium has not started:\n" + "".join(said[-20:]))
        import urllib.request
        with urllib.request.urlopen(f"http://{found.group(1)}/json/list", timeout=60) as reply:
            tabs = json.load(reply)
        return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")

    def call(self, method, **params):
        """The result of one command; events that come before it are kept."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    def open(self, path, width, dark=False, media="", height=900):
        """Loads a file at that width in pixels of the page, and waits until it is there."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self.socket.recv()))

    def run(self, script):
        """The value of an expression, promises awaited."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(json.dumps(reply["exceptionDetails"])[:2000])
        return reply["result"].get("value")

    def complaints(self):
        """What the console said, and requests to anything but the page itself."""
        said = []
        for event in self.events:
            method, params = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                said.append("exception: " + params["exceptionDetails"]["text"])
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                said.append("console: " + json.dumps(params["args"])[:200])
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                said.append("log: " + params["entry"]["text"][:200])
            elif method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if params["type"] != "Document" and not url.startswith("data:"):
                    said.append("asks for " + url[:200])
        return said

    def picture(self, path):
        """The whole page as PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000),
                "scale": 1}
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))
