"""What the scripts of tests/bench share: plugins, their parameters, and runs of reckon."""
import csv
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Plugin:
    """A built plugin: its parameters as `reckon plugins` tells them, and the features it uses."""

    def __init__(self, build, name):
        text = subprocess.run([reckon(build), "plugins", os.path.join(build, "plugins", name + ".so")],
                              check=True, capture_output=True, text=True).stdout
        self.name = name
        self.defaults = dict(re.findall(r"^  (\w+) = (.+)$", text, re.M))
        self.uses = re.findall(r"\b((?:user|item)\.\w+)$", text, re.M)

    def settings(self, words):
        """{"implicit": "never"} as in an experiment file, or None if it has no such parameter."""
        out = {}
        for key, word in words.items():
            if key not in self.defaults:
                return None
            if self.defaults[key] in ("true", "false"):
                out[key] = {"always": "true", "never": "false"}.get(word, word)
            else:
                out[key] = f'"{word}"' if re.fullmatch(r"[a-z]\w*", word) else word
        return {k: v for k, v in out.items() if v != self.defaults[k]}


def reckon(build):
    return os.path.join(build, "framework", "reckon")


def plugins(build, only=None):
    names = sorted(f[:-3] for f in os.listdir(os.path.join(build, "plugins")) if f.endswith(".so"))
    for name in only or []:
        if name not in names:
            sys.exit(f"there is no plugin {name} in {build}/plugins, but {', '.join(names)}")
    return [Plugin(build, name) for name in names if not only or name in only]


def model(plugin, settings, label):
    """One entry of `models`."""
    words = [f'plugin = "{plugin.name}"', f'label = "{label}"']
    return "{ " + " ".join(w + ";" for w in words + [f"{k} = {v}" for k, v in settings.items()]) + " }"


def blend(members, label):
    """Likewise of a plain mean of other entries, by their labels."""
    names = ", ".join(f'"{m}"' for m in members)
    return f'{{ blend = [{names}]; weights = "equal"; label = "{label}"; }}'


def run(build, experiment, models, out, threads, values=()):
    """Runs an experiment of the repository with these models; gives the folder of its results."""
    name = "run"
    command = [reckon(build), "run", "-q", "--out", out, "--threads", str(threads), "--plugin-path",
               os.path.join(build, "plugins"), os.path.join(ROOT, "experiments", experiment),
               f"name={name}", "models=(" + ", ".join(models) + ")", *values]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 3):  # 3: some trials failed, which the table has
        sys.exit(done.stderr or f"reckon ended with {done.returncode}")
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return os.path.join(out, name)


def rows(folder, name):
    with open(os.path.join(folder, name), newline="") as f:
        return list(csv.DictReader(f))


def means(folder):
    """The means over folds: {label: row of table.csv}, of all test rows."""
    return {row["model"]: row for row in rows(folder, "table.csv") if row["slice"] == "all"}
