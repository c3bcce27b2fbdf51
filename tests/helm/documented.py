"""Every value of the chart has a row in its README with its real default, and no row is left over: documented.py CHART."""

import json
import re
import sys
from pathlib import Path

import yaml


def leaves(value, path=""):
    if isinstance(value, dict) and value and not path.endswith((".resources.requests", ".resources.limits")):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path, json.dumps(value)


chart = Path(sys.argv[1])
values = dict(leaves(yaml.safe_load((chart / "values.yaml").read_text())))
rows = dict(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", (chart / "README.md").read_text(), re.M))
for key, default in values.items():
    if key not in rows:
        sys.exit(f"helm/kenh/README.md has no row for {key}")
    if rows[key] != default:
        sys.exit(f"helm/kenh/README.md gives {rows[key]} as the default of {key}, which is {default}")
if extra := rows.keys() - values.keys():
    sys.exit(f"helm/kenh/README.md has a row for {sorted(extra)[0]}, which values.yaml does not have")
