"""The alerts and the program agree: alerts.py CHART METRICS.RS TESTS.

Every metric an alert reads is one of the program's; every label value it asks for stands in that metric's help. Every
alert says how urgent it is and what to do, has a row in the chart's README and fires in a unit test.
"""

import re
import sys
from pathlib import Path

import yaml

SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def need(holds, text):
    if not holds:
        sys.exit(text)


chart, source, tests = Path(sys.argv[1]), Path(sys.argv[2]).read_text(), yaml.safe_load(Path(sys.argv[3]).read_text())
found = re.findall(r"///([^\n]*)\n\s*[A-Z_]+: (Counter|Gauge|Histogram) = \"(kenh_[a-z_]+)\"", source)
metrics = {name: (kind, text) for text, kind, name in found}
need(len(metrics) == source.count('= "kenh_'), "the list of metrics is not written as it was: mend alerts.py")

alerts = {}
for group in yaml.safe_load((chart / "alerts.yaml").read_text())["groups"]:
    for rule in group["rules"]:
        need(rule["alert"] not in alerts, f"two alerts are named {rule['alert']}")
        alerts[rule["alert"]] = rule

readme = (chart / "README.md").read_text()
fired = str([[check["exp_samples"] for check in test["promql_expr_test"]] for test in tests["tests"]])
for name, rule in alerts.items():
    need(rule["labels"].get("severity") in ("warning", "critical"), f"{name} has no severity")
    need(rule["annotations"].keys() == {"summary", "description"}, f"{name} needs a summary and a description")
    need(f"| `{name}` |" in readme, f"helm/kenh/README.md has no row for the alert {name}")
    need(f'alertname="{name}"' in fired, f"no unit test sees {name} fire")
    for metric, labels in re.findall(r"\b(kenh_[a-z_]+)(?:\{([^}]*)\})?", rule["expr"]):
        known = metric if metric in metrics else SUFFIXES.sub("", metric)
        need(known in metrics, f"{name} reads {metric}, which the gateway does not have")
        kind, text = metrics[known]
        need(known == metric or kind == "Histogram", f"{name} reads {metric}, and {known} is no histogram")
        for value in re.findall(r'"([^"]*)"', labels):
            need(re.search(rf"\b{re.escape(value)}\b", text), f"{name}: {metric} has no {value}")
        counted = re.search(rf"(increase|rate)\({metric}", rule["expr"])
        need(bool(counted) == (kind != "Gauge"), f"{name}: {metric} is a {kind.lower()}, read as something else")
