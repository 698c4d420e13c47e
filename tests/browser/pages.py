#!/usr/bin/env python3
"""Opens report.html of result directories in headless Chromium and looks at what a reader gets.

    tests/browser/pages.py [--pictures FOLDER] DIR ...

Each page must ask for nothing but itself, log no error, have the figures of summary.json beside it, answer the mouse and the
keyboard, and fit its window in light, dark, print and on a phone, with letters of enough contrast. Python's standard library
and Chromium are all it needs; CHROMIUM names another browser than `chromium`.
"""

import argparse
import base64
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
]
DESKTOP = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}

# What sticks out of the window, unless it can be scrolled inside of it.
OVERFLOW = """(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return [];
  return [...document.querySelectorAll('main *, header *')]
    .filter(one => !one.closest('.scroll, pre, .spoken') && one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(one => one.tagName + '.' + one.className).concat('by ' + wide + ' px');
})()"""

# Letters with less contrast than WCAG 2.2 asks for (4.5, or 3 for large ones).
CONTRAST = """(() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.getClientRects().length || element.closest('script, style, svg')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) poor.push(element.tagName + ' ' + element.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
  }
  return poor.slice(0, 5);
})()"""

FIGURES = """[...document.querySelectorAll('[data-metric]')].map(one =>
  [one.dataset.metric, one.dataset.value === undefined ? null : Number(one.dataset.value)])"""

# What the key of a chart tells, as text by the name of each series.
KEY = """(place => {
  const series = document.querySelectorAll('.drawing')[place].querySelectorAll('.u-legend .u-series');
  return Object.fromEntries([...series].map(one =>
    [one.querySelector('.u-label').textContent, one.querySelector('.u-value').textContent]));
})(%d)"""


class Browser:
    """Chromium, spoken to over a pipe (Chrome DevTools Protocol)."""

    def __init__(self, profile):
        (ours_in, theirs_out), (theirs_in, ours_out) = os.pipe(), os.pipe()
        command = [os.environ.get("CHROMIUM", "chromium"), *FLAGS, f"--user-data-dir={profile}"]

        def connect():
            # Chromium reads from descriptor 3 and writes to 4.
            reading, writing = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(command, preexec_fn=connect, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = os.fdopen(ours_in, "rb", 0), os.fdopen(ours_out, "wb", 0)
        self.numbers, self.rest, self.events, self.session = itertools.count(1), b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Network", "Runtime", "Log"]:
            self.call(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.rest:
            chunk = self.reader.read(1 << 16)
            if not chunk:
                sys.exit("error: the browser has gone away")
            self.rest += chunk
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == number:
                if "error" in answer:
                    sys.exit(f"error: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive())

    def open(self, address):
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait_for("Page.loadEventFired")

    def ask(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"error: {expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def settle(self):
        """Until the page has been drawn twice."""
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))")

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait()


def flattened(tree, path=""):
    """Figures by path, as expressions call them."""
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from flattened(value, here)
        elif not isinstance(value, str):
            yield here, value


class Page:
    """One page, and what is wrong with it."""

    def __init__(self, browser, folder, pictures):
        self.browser, self.folder, self.pictures = browser, pathlib.Path(folder), pictures
        self.complaints = []

    def check(self):
        self.browser.call("Emulation.setDeviceMetricsOverride", **DESKTOP)
        self.appear("light")
        self.browser.open((self.folder / "report.html").resolve().as_uri())
        self.browser.settle()
        self.figures()
        if self.browser.ask("document.querySelectorAll('[data-charts]').length"):
            self.mouse()
            self.keyboard()
        for name in ["light", "dark", "print", "phone", "phone-dark"]:
            self.look(name)
        self.silence()
        return self.complaints

    def expect(self, condition, complaint):
        if not condition:
            self.complaints.append(f"{self.folder}: {complaint}")

    def appear(self, name):
        media = "print" if name == "print" else "screen"
        scheme = "dark" if "dark" in name else "light"
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.call("Emulation.setEmulatedMedia", media=media, features=features)

    def look(self, name):
        self.browser.call("Emulation.setDeviceMetricsOverride", **(PHONE if "phone" in name else DESKTOP))
        self.appear(name)
        self.browser.settle()
        overflow = self.browser.ask(OVERFLOW)
        self.expect(not overflow, f"{name}: sticks out of the window: {overflow}")
        poor = self.browser.ask(CONTRAST)
        self.expect(not poor, f"{name}: too little contrast: {poor}")
        if self.pictures:
            self.save(name)

    def save(self, name):
        place = self.pictures / f"{self.folder.name}-{name}"
        picture = self.browser.call("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        place.with_suffix(".png").write_bytes(base64.b64decode(picture["data"]))
        if name == "print":
            pages = self.browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
            place.with_suffix(".pdf").write_bytes(base64.b64decode(pages["data"]))

    def figures(self):
        self.means()
        summary = self.folder / "summary.json"
        if not summary.exists():
            return
        told = dict(flattened(json.loads(summary.read_text())))
        shown = self.browser.ask(FIGURES)
        self.expect({path for path, _ in shown} == set(told), "does not show every figure of summary.json")
        for path, value in shown:
            self.expect(path in told and told[path] == value, f"{path} is {value}, and {told.get(path)} in summary.json")

    def means(self):
        """Of a plan or a sweep: the table has the mean of each figure that it shows, point by point."""
        plan, sweep = self.folder / "plan.json", self.folder / "sweep.json"
        if plan.exists():
            told = json.loads(plan.read_text())
            points = [{told["minimize"]: point["figure"]["mean"]} for point in told["points"]]
        elif sweep.exists():
            points = [dict(flattened(point["metrics"])) for point in json.loads(sweep.read_text())["points"]]
            points = [{path.removesuffix(".mean"): mean for path, mean in point.items()} for point in points]
        else:
            return
        shown = self.browser.ask(FIGURES)
        paths = list(dict.fromkeys(path for path, _ in shown))
        expected = [[path, point[path]] for point in points for path in paths]
        self.expect(shown == expected, f"shows {shown}, and its JSON has {expected}")

    def box(self, place=0):
        """The plot of a chart in the window."""
        return self.browser.ask(
            f"""(() => {{ const plot = document.querySelectorAll('.drawing')[{place}].querySelector('.u-over');
            plot.scrollIntoView({{block: 'center', behavior: 'instant'}}); const {{x, y, width, height}} = plot.getBoundingClientRect();
            return {{x, y, width, height}}; }})()""")

    def point(self, share, kind="mouseMoved", **more):
        box = self.box()
        x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
        self.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def mouse(self):
        """The key tells the values under the cursor in all charts; dragging zooms, a double click shows all again."""
        data = json.loads(self.browser.ask("document.querySelector('[data-charts] script').textContent"))
        self.point(0.6)
        self.browser.settle()
        expected = data["end"] * 0.6
        for place, panel in enumerate(data["panels"]):
            key = self.browser.ask(KEY % place)
            names = [layer["name"] for layer in panel["layers"]]
            self.expect(set(names) <= set(key), f"{panel['heading']}: the key has {key}")
            self.expect(all(key.values()), f"{panel['heading']}: a value is missing under the cursor: {key}")
            after = [i for i, time in enumerate(data["times"]) if time <= expected + data["times"][1]]
            for layer in panel["layers"]:
                near = {self.short(layer["values"][i]) for i in after[-3:]}
                self.expect(key.get(layer["name"]) in near, f"{layer['name']} is {key.get(layer['name'])}, not among {near}")
        self.point(0.4)
        self.point(0.4, "mousePressed", button="left", clickCount=1)
        self.point(0.6, button="left", buttons=1)
        self.point(0.6, "mouseReleased", button="left", clickCount=1)
        self.browser.settle()
        self.expect(abs(self.left_edge() - 0.4 * data["end"]) < 0.03 * data["end"], "dragging does not zoom")
        self.browser.ask("document.querySelector('[data-all]').click()")
        self.browser.settle()
        self.expect(self.left_edge() < 0.03 * data["end"], "the button does not show all")

    def left_edge(self):
        """The time at the left edge of the last chart, which follows the first."""
        self.point(0.001)
        self.browser.settle()
        told = self.browser.ask(KEY % 1)["at"].split()
        seconds = {"s": 1, "min": 60, "h": 3600, "d": 86400}
        return sum(float(number) * seconds[unit] for number, unit in zip(told[::2], told[1::2]))

    @staticmethod
    def short(value):
        size, suffix = (1e6, "M") if value >= 1e6 else (1e3, "k") if value >= 1e4 else (1, "")
        return f"{float(f'{value / size:.4g}'):.12g}" + suffix

    def press(self, key, code=None):
        text = key if len(key) == 1 else None
        more = {"text": text} if text else {}
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", key=key, **more)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", key=key)
        self.browser.settle()

    def keyboard(self):
        """The first stop is the skip link; charts can be reached, and tell what the cursor is at."""
        self.browser.ask("document.activeElement.blur()")
        self.press("Tab")
        self.browser.ask("document.querySelector('.drawing').focus()")
        self.press("End")
        self.press("ArrowLeft")
        spoken = self.browser.ask("document.querySelector('.spoken').textContent")
        self.expect(": " in spoken, f"the cursor is not told: {spoken!r}")
        before = self.left_edge()
        self.press("+")
        self.press("+")
        zoomed = self.left_edge()
        self.expect(zoomed >= before, "the plus key does not zoom")
        self.press("0")
        self.expect(self.left_edge() <= before + 1e-9, "the zero key does not show all")

    def silence(self):
        for event in self.browser.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                address = params["request"]["url"]
                self.expect(address.endswith("/report.html"), f"asks for {address}")
            elif method == "Runtime.exceptionThrown":
                self.expect(False, f"exception: {params['exceptionDetails'].get('exception', {}).get('description')}")
            elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                self.expect(False, f"console: {params['args']}")
            elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                self.expect(False, f"log: {params['entry']['text']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="DIR", help="a directory with report.html")
    parser.add_argument("--pictures", type=pathlib.Path, metavar="FOLDER", help="keep what was seen there")
    options = parser.parse_args()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    complaints = []
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        for folder in options.folders:
            complaints += Page(browser, folder, options.pictures).check()
        browser.close()
    for complaint in complaints:
        print(f"error: {complaint}", file=sys.stderr)
    print(f"{len(options.folders)} pages looked at, {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
