"""Values with every channel of `kenh config example`: catalog.py FOLDER CHART EXAMPLES.

FOLDER holds example.yaml; all.yaml is written beside it, with every channel enabled, and plain/<setting>.yaml for each
secret of a channel, with that one written out. Fails when values.schema.json lists other channels than the program has,
or a file in EXAMPLES leaves one out.
"""

import json
import os
import re
import sys
from pathlib import Path

import yaml

REFERENCE = re.compile(r"\$\{env:([A-Z0-9_]+)\}")
folder, chart, examples = (Path(argument) for argument in sys.argv[1:])


def need(holds, text):
    if not holds:
        sys.exit(f"catalog.py: {text}")


def secrets(settings, path=()):
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from secrets(value, (*path, key))
        elif REFERENCE.search(str(value)):
            yield (*path, key), REFERENCE.findall(str(value))


channels = yaml.safe_load((folder / "example.yaml").read_text())["channels"]
need(channels, "the program has no channels")

schema_file = chart / "values.schema.json"
schema = json.loads(schema_file.read_text())
names = schema["properties"]["channels"]["propertyNames"]["anyOf"][0]
if os.environ.get("KENH_GOLDEN") == "write":
    names["enum"] = sorted(channels)
    schema_file.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
need(sorted(names["enum"]) == sorted(channels),
     f"{schema_file} and the program differ in {sorted(set(names['enum']) ^ set(channels))}: KENH_GOLDEN=write tests/helm/catalog.sh")
for example in sorted(examples.glob("*.yaml")):
    there = set(re.findall(r"^  (?:# )?([a-z][a-z0-9-]*):$", example.read_text().split("\nchannels:\n")[1], re.M))
    need(there == channels.keys(), f"{example} and the program differ in {sorted(there ^ channels.keys())}")

access = {"clients": {"crm": {"api_key_sha256": "0" * 64, "rights": ["read"]}}}
credentials = {"existingSecret": "kenh-credentials"}
values = {"postgres": {"existingSecret": "kenh-postgres"}, "access": access, "credentials": credentials, "channels": {}}
for channel, endpoints in channels.items():
    need(len(f"{'x' * 29}-ingress-{channel}") <= 52, f"{channel} is too long for the chart's names")
    variables = sorted({name for _, found in secrets(endpoints) for name in found})
    values["channels"][channel] = {
        "enabled": True,
        "existingSecret": f"kenh-{channel}",
        "secretEnv": {name: name.lower() for name in variables},
        "endpoints": endpoints,
    }
    need(variables, f"{channel} has no secret in the example")
(folder / "all.yaml").write_text(yaml.safe_dump(values))

(folder / "plain").mkdir()
for channel, endpoints in channels.items():
    for path, _ in secrets(endpoints):
        changed = json.loads(json.dumps(values))
        settings = changed["channels"][channel]["endpoints"]
        for key in path[:-1]:
            settings = settings[key]
        settings[path[-1]] = "plain"
        (folder / "plain" / f"{channel}.{path[-1]}.yaml").write_text(yaml.safe_dump(changed))
