"""What must hold for every rendering of the chart: check.py CASE MANIFESTS FOLDER.

Writes each kenh.yaml to FOLDER as CASE.<workload>.yaml. A failure is one line on standard error.
"""

import hashlib
import re
import sys
from pathlib import Path

import yaml

# The addresses of broker and database hold passwords; those of channels do not.
SECRET_SETTING = re.compile(r"(^|_)(secrets?|tokens?|passwords?|keys?)$")
# Addresses of ours hold a password.
SECRET_URL = re.compile(r"\.(rabbitmq|postgres)\.url$")
SECRET_VARIABLE = re.compile(r"SECRET|TOKEN|PASSWORD|URL|_KEY")
# The one rendering that asks for an emptyDir.
LOST_WITH_THE_POD = ("emptydir",)
ALERTS = Path(__file__).parents[2] / "helm/kenh/alerts.yaml"
REFERENCE = re.compile(r"^\$\{(env:[A-Z_][A-Z0-9_]*|file:/[^}]+)\}$")


def need(holds, text):
    if not holds:
        sys.exit(text)


def seconds(text):
    need(re.fullmatch(r"\d+s", text), f"shutdown_grace is {text}, not seconds")
    return int(text[:-1])


def secrets_are_references(setting, value, where):
    if isinstance(value, dict):
        for key, inner in value.items():
            secrets_are_references(key, inner, f"{where}.{key}")
    elif isinstance(value, list):
        for inner in value:
            secrets_are_references(setting, inner, where)
    elif where.endswith(".mail.tls.key"):
        need(str(value).startswith("/etc/kenh-mail-tls/"), f"{where} is no file of the mounted Secret")
    elif where.endswith(".access.tls.key"):
        need(str(value).startswith("/etc/kenh-tls/"), f"{where} is no file of the mounted Secret")
    elif SECRET_SETTING.search(setting) or SECRET_URL.search(where):
        need(REFERENCE.match(str(value)), f"{where} holds a value where a reference has to be")


def includes(labels, selector):
    return bool(selector) and selector.items() <= labels.items()


case, manifests, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
text = manifests.read_text()
need(not re.search(r"://[^/\s:@]+:[^/\s@]+@", text), "a URL with a password in it")
objects = [o for o in yaml.safe_load_all(text) if o]


def kind(*names):
    return {o["metadata"]["name"]: o for o in objects if o["kind"] in names}


need(not kind("Secret"), "the chart renders a Secret")
seen = [(o["kind"], o["metadata"]["name"]) for o in objects]
need(len(seen) == len(set(seen)), "two objects have the same kind and name")

workloads, configs, services = kind("Deployment", "StatefulSet"), kind("ConfigMap"), kind("Service")
need(workloads, "no workload")
need(workloads.keys() == configs.keys(), "each workload has one ConfigMap of its name")

for name, workload in workloads.items():
    pod, labels = workload["spec"]["template"]["spec"], workload["spec"]["template"]["metadata"]["labels"]
    need(includes(labels, workload["spec"]["selector"]["matchLabels"]), f"{name} does not select its own pods")
    for other, spec in [(n, w["spec"]["selector"]["matchLabels"]) for n, w in workloads.items() if n != name]:
        need(not includes(labels, spec), f"{other} selects the pods of {name}")
    component = labels["app.kubernetes.io/component"]
    if component == "dispatch":
        need(name not in services, f"nobody calls {name}, and it has a Service")
    else:
        need(includes(labels, services[name]["spec"]["selector"]), f"the Service {name} does not reach its pods")
        need("admin" not in [p["name"] for p in services[name]["spec"]["ports"]], f"the Service {name} publishes the admin port")
    for budget in kind("PodDisruptionBudget").values():
        if budget["metadata"]["name"] == name:
            need(includes(labels, budget["spec"]["selector"]["matchLabels"]), f"the budget {name} selects no pods")

    container, *processes = pod["containers"]
    need(pod["enableServiceLinks"] is False, f"{name}: service links would look like settings")
    need(pod["automountServiceAccountToken"] is False, f"{name} mounts a token")
    need(pod["securityContext"]["runAsNonRoot"] is True, f"{name} may run as root")
    need(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, f"{name} has no seccomp profile")
    for each in pod["containers"]:
        need(each["securityContext"]["readOnlyRootFilesystem"] is True, f"{name} can write to its image")
        need(each["securityContext"]["capabilities"] == {"drop": ["ALL"]}, f"{name} keeps capabilities")
    need(not processes or component in ("connector", "single"), f"{name} has processes beside it that nobody attaches to")
    for process in processes:
        told = {v["name"]: v.get("value", "") for v in process["env"]}
        host = re.fullmatch(r"https?://([^:/]+):50051", told["KENH_API_URL"]).group(1)
        need(host.split(".")[0] in services and host in [h for a in pod["hostAliases"] for h in a["hostnames"]],
             f"{name}: {process['name']} dials another pod than its own")
        need(process["name"].startswith("x-"), f"{name}: {process['name']} is no channel of a process")
        need({m["name"] for m in process["volumeMounts"]} <= {process["name"], "ca"}, f"{name}: {process['name']} sees what is the gateway's")
        for variable in process["env"]:
            # Addresses of what a process calls need not hold a password.
            if SECRET_VARIABLE.search(variable["name"].replace("URL", "")):
                need("secretKeyRef" in variable.get("valueFrom", {}), f"{name}: {variable['name']} is not taken from a Secret")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        need(container[probe]["httpGet"]["port"] == "admin", f"{name}: {probe} asks another port than admin")
    mounted = {m["name"] for m in container["volumeMounts"]}
    claimed = {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
    need(mounted <= claimed | {v["name"] for v in pod["volumes"]}, f"{name} mounts a volume that is not there")

    written = configs[name]["data"]["kenh.yaml"]
    config = yaml.safe_load(written)
    secrets_are_references("", config, f"{name}: kenh.yaml")
    digest = workload["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
    need(re.fullmatch(r"[0-9a-f]{64}", digest), f"{name}: no checksum of the configuration")
    need(hashlib.sha256(written.rstrip("\n").encode()).hexdigest() == digest, f"{name}: the checksum is of something else")

    variables = container.get("env", [])
    names = [v["name"] for v in variables]
    need(len(names) == len(set(names)), f"{name} sets a variable twice")
    for variable in variables:
        if SECRET_VARIABLE.search(variable["name"]):
            need("secretKeyRef" in variable.get("valueFrom", {}), f"{name}: {variable['name']} is not taken from a Secret")
    wanted = set(re.findall(r"\$\{env:([^}]*)\}", written))
    need(wanted <= set(names), f"{name}: kenh.yaml wants {sorted(wanted - set(names))}, which the pod does not have")

    pause = int(container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])[1])
    need(pod["terminationGracePeriodSeconds"] > seconds(config["shutdown_grace"]) + pause, f"{name} is killed before it drained")
    engines = ("embedded", "sqlite") if component == "single" else ("rabbitmq", "postgres")
    need((config["log"]["engine"], config["store"]["engine"]) == engines, f"{name} does not use the engines {engines}")
    need(workload["kind"] == ("Deployment" if component in ("api", "dispatch") else "StatefulSet"), f"{name} is a {workload['kind']}")
    if component == "single":
        need(workload["spec"]["replicas"] == 1 and "data" in claimed, f"{name}: embedded needs one replica and a volume")
    spools = component in ("ingress", "connector") and config["log"]["spool"]["enabled"]
    need(("data" in claimed) == (component == "single" or spools and case not in LOST_WITH_THE_POD),
         f"{name} has a claim it does not need, or none for what has to outlive its pods")
    if workload["kind"] == "StatefulSet":
        need(len(name) <= 52, f"{name} is too long for a StatefulSet: its pods' labels would be")
        need(workload["spec"]["serviceName"] in services, f"{name} has no governing Service")
        need(workload["spec"]["podManagementPolicy"] == "Parallel", f"{name}: a spool waits for another one's pod")
    if claimed:
        need("persistentVolumeClaimRetentionPolicy" in workload["spec"], f"{name} does not say what becomes of its claims")

    arguments = container["args"]
    channels = set(config.get("channels", {}))
    if "--channel" in arguments:
        need(channels == {arguments[arguments.index("--channel") + 1]}, f"{name} is configured for other channels than it serves")
    need(bool(config.get("credentials")) <= (component in ("api", "dispatch", "single")), f"{name} has keys it does not need")
    parts = {channel.startswith("x-") for channel in channels}
    need(component == "single" or (True in parts) == (component == "connector"), f"{name} serves channels whose processes attach elsewhere")
    need(("access" in config) == (component in ("api", "connector", "single")), f"{name} is wrong about who may call it")
    # By component, so that the program checks it as what it is.
    (folder / f"{case}.{name}.{component}.yaml").write_text(written)

ports = {n: {p["name"] for p in s["spec"]["ports"]} for n, s in services.items()}
for ingress in kind("Ingress").values():
    for path in [p for r in ingress["spec"]["rules"] for p in r["http"]["paths"]]:
        backend = path["backend"]["service"]
        need(backend["port"]["name"] in ports.get(backend["name"], ()), f"the path {path['path']} leads to no Service")
        need(path["path"].startswith(("/v1/webhooks/", "/zalo_verifier")), f"the path {path['path']} is published")
for monitor in kind("ServiceMonitor").values():
    found = [s for s in services.values() if includes(s["metadata"]["labels"], monitor["spec"]["selector"]["matchLabels"])]
    need(len(found) == 1, "the ServiceMonitor does not find exactly one Service")
    need(all(includes(w["spec"]["template"]["metadata"]["labels"], found[0]["spec"]["selector"]) for w in workloads.values()),
         "the metrics of a workload are not collected")
for scaler in kind("HorizontalPodAutoscaler").values():
    target = workloads.get(scaler["spec"]["scaleTargetRef"]["name"])
    need(target is not None and "replicas" not in target["spec"], "an autoscaler fights with replicas, or has no target")
    need(target["kind"] == scaler["spec"]["scaleTargetRef"]["kind"], "an autoscaler names another kind than its target's")
for policy in kind("NetworkPolicy").values():
    open_ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule.get("ports", [])}
    component = policy["metadata"]["labels"]["app.kubernetes.io/component"]
    need((443 in open_ports) == (component in ("api", "dispatch", "connector", "single")), f"the policy {policy['metadata']['name']} is wrong about the channels")
    clustered = policy["metadata"]["labels"]["app.kubernetes.io/component"] != "single"
    need(clustered == bool(open_ports & {5432, 6432}), f"the policy {policy['metadata']['name']} is wrong about PostgreSQL")
for rules in kind("PrometheusRule").values():
    need(rules["spec"] == yaml.safe_load(ALERTS.read_text()), "the PrometheusRule is not alerts.yaml")
