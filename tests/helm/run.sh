#!/bin/sh
# The chart's tests: lint, render, validate, refuse, compare. With helm 3 and helm 4, without a cluster.
#   tests/helm/run.sh                       # all of it
#   KENH_GOLDEN=write tests/helm/run.sh     # also writes golden/*.yaml anew
# Leaves every rendered kenh.yaml in target/helm-configs/, named <values file>.<workload>.yaml.
set -eu

repo=$(cd "$(dirname "$0")/../.." && pwd)
chart=$repo/helm/kenh
here=$repo/tests/helm
tools=${KENH_TOOLS:-$repo/target/tools}
configs=$repo/target/helm-configs
oldest=1.27.0 # what Chart.yaml promises
newest=1.37.0

fail() {
	echo "helm tests: FAILED: $*" >&2
	exit 1
}

"$repo/tests/tools/helm.sh" || fail "helm could not be installed"
"$repo/tests/tools/python.sh" || fail "the Python tools could not be installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing of the person who runs this: no plugins, repositories or kubeconfig.
export HELM_CONFIG_HOME="$work/helm" HELM_CACHE_HOME="$work/helm" HELM_DATA_HOME="$work/helm" KUBECONFIG=/dev/null
rm -rf "$configs"
mkdir -p "$configs"

# render HELM KUBERNETES ARGUMENT...
render() {
	render_helm=$1
	render_kube=$2
	shift 2
	"$tools/$render_helm/helm" template demo "$chart" --namespace chat --kube-version "$render_kube" "$@"
}

said() { tr '\n' ' ' <"$work/err" | cut -c 1-400; }

"$repo/tests/tools/prometheus.sh" || fail "promtool could not be installed"
for check in "check rules $chart/alerts.yaml" "test rules $here/alerts.test.yaml"; do
	# shellcheck disable=SC2086 # words
	promtool $check >"$work/out" 2>"$work/err" || fail "promtool ${check%% *}: $(cat "$work/out" "$work/err" | tail -n 12 | tr '\n' ' ')"
done
"$tools/python/bin/python" "$here/alerts.py" "$chart" "$repo/services/lib/runtime/src/metrics.rs" "$here/alerts.test.yaml" 2>"$work/err" ||
	fail "$(tail -n 1 "$work/err")"
"$tools/python/bin/python" "$here/documented.py" "$chart" 2>"$work/err" || fail "$(tail -n 1 "$work/err")"

rendered=0
for helm in helm3 helm4; do
	"$tools/$helm/helm" lint --strict "$chart" >"$work/out" 2>"$work/err" || fail "$helm lint: $(cat "$work/out" "$work/err" | tail -n 5 | tr '\n' ' ')"
	for values in "$here"/values/*.yaml; do
		case=$(basename "$values" .yaml)
		"$tools/$helm/helm" lint --strict "$chart" --values "$values" --set monitoring.serviceMonitor.enabled=false --set monitoring.prometheusRule.enabled=false >"$work/out" 2>"$work/err" ||
			fail "$helm lint with $case.yaml: $(cat "$work/out" "$work/err" | tail -n 5 | tr '\n' ' ')"
		# The notes, which helm template leaves out; helm 3 shows them only with a cluster at hand.
		if [ "$helm" = helm4 ]; then
			"$tools/$helm/helm" install demo "$chart" --namespace chat --dry-run=client --values "$values" \
				--set monitoring.serviceMonitor.enabled=false --set monitoring.prometheusRule.enabled=false >"$work/out" 2>"$work/err" || fail "$helm install with $case.yaml, dry: $(said)"
			grep -q '^gRPC, inside the cluster' "$work/out" || fail "$helm shows no notes with $case.yaml"
			warned=no
			grep -q '^WARNING: spoolVolume.type is emptyDir' "$work/out" && warned=yes
			case $case-$warned in
			emptydir-yes) ;;
			emptydir-no | *-yes) fail "$case.yaml: the notes warn of an emptyDir: $warned" ;;
			esac
		fi
		for kube in $oldest $newest; do
			manifests=$work/$helm-$kube-$case.yaml
			render "$helm" "$kube" --values "$values" --api-versions monitoring.coreos.com/v1 >"$work/out" 2>"$work/err" ||
				fail "$helm template with $case.yaml for Kubernetes $kube: $(said)"
			# The generations of helm differ in blank lines.
			grep -v '^[[:space:]]*$' "$work/out" >"$manifests"
			"$tools/python/bin/kubernetes-validate" --no-warn --strict --kubernetes-version "${kube%.0}" "$manifests" >"$work/out" 2>&1 ||
				fail "$case.yaml is not valid for Kubernetes $kube: $(grep -v '^INFO' "$work/out" | head -n 3 | tr '\n' ' ')"
			"$tools/python/bin/python" "$here/check.py" "$case" "$manifests" "$configs" 2>"$work/err" ||
				fail "$case.yaml with $helm: $(tail -n 1 "$work/err")"
			cmp -s "$manifests" "$work/helm3-$oldest-$case.yaml" || fail "$case.yaml renders differently with $helm for Kubernetes $kube"
			rendered=$((rendered + 1))
		done
	done
done

for golden in full single; do
	if [ "${KENH_GOLDEN:-}" = write ]; then
		mkdir -p "$here/golden"
		cp "$work/helm3-$oldest-$golden.yaml" "$here/golden/$golden.yaml"
	fi
	diff -u "$here/golden/$golden.yaml" "$work/helm3-$oldest-$golden.yaml" >"$work/diff" 2>&1 || {
		head -n 60 "$work/diff" >&2
		fail "golden/$golden.yaml is not what the chart renders; if the difference above is meant: KENH_GOLDEN=write $0"
	}
done

# refused WHAT WORD ARGUMENT...: both helms refuse to render, and say WORD.
refusals=0
refused() {
	what=$1
	word=$2
	shift 2
	for helm in helm3 helm4; do
		if render "$helm" "${kube_version:-$newest}" "$@" >"$work/out" 2>"$work/err"; then
			fail "$helm accepts $what"
		fi
		grep -q -- "$word" "$work/err" || fail "$helm refuses $what for another reason than '$word': $(said)"
	done
	refusals=$((refusals + 1))
}

kube_version=1.20.0
refused "Kubernetes 1.20" "1.27.0"
kube_version=1.26.9
refused "Kubernetes 1.26" "1.27.0"
kube_version=
refused "several processes without a database" "postgres.existingSecret" --values "$here/values/channels.yaml" --set postgres.existingSecret=
refused "a gateway that nobody said a database for" "share it in PostgreSQL"
refused "a gateway that nobody said callers for" "access.clients" --set postgres.existingSecret=kenh-postgres
refused "certificates of clients without TLS" "access.tls.existingSecret" --values "$here/values/default.yaml" --set access.tls.clientCertificates=require
refused "a key in place of its hash" "api_key_sha256" --values "$here/values/default.yaml" --set access.clients.crm.api_key_sha256=kenh_0000
refused "a refresh token that nothing seals" "credentials.existingSecret" --values "$here/values/full.yaml" --set credentials.existingSecret=
refused "an autoscaler of what sends" "autoscaling" --set workloads.dispatch.autoscaling.enabled=true
refused "a right that there is not" "rights" --values "$here/values/default.yaml" --set 'access.clients.crm.rights={admin}'
refused "an unknown way to migrate" "migrate" --set config.store.postgres.migrate=perhaps
refused "a schema that has to be quoted" "schema" --set config.store.postgres.schema=Kenh
refused "a schema of PostgreSQL's own" "schema" --set config.store.postgres.schema=pg_kenh
refused "a bucket without a name" "config.media.s3.bucket" --values "$here/values/full.yaml" --set config.media.s3.bucket=
refused "mail without a name" "mail.hostname" --values "$here/values/single.yaml" --set mail.hostname=
refused "TLS for mail without a certificate" "mail.tls.existingSecret" --values "$here/values/single.yaml" --set mail.tls.required=true
refused "an unknown protocol of mail" "protocol" --set mail.protocol=pop3
refused "a spool volume of an unknown type" "spoolVolume" --set spoolVolume.type=hostPath
refused "a channel that the gateway does not have" "zallo" --set channels.zallo.enabled=false
refused "a channel that begins like a process's and is none" "x_parlor" --set channels.x_parlor.enabled=false
refused "a process for a channel of the gateway's own" "processes are for channels" --values "$here/values/channels.yaml" --set channels.zalo.process.image=a
refused "several pods for one process" "channels.x-parlor" --values "$here/values/process.yaml" --set channels.x-parlor.replicas=2
refused "a channel that nobody may be the connector of" "connector:x-parlor" --values "$here/values/process.yaml" --set 'access.clients.parlor-connector.rights={read}'
refused "a process's secret in a variable" "extraEnv" --values "$here/values/process.yaml" --set channels.x-parlor.process.image=a \
	--set 'channels.x-parlor.process.extraEnv[0].name=PARLOR_SECRET' --set 'channels.x-parlor.process.extraEnv[0].value=plain'
refused "a name with a channel that is too long for it" "52 characters" --values "$here/values/process.yaml" --set fullnameOverride=a-name-that-is-not-short-one \
	--set channels.x-parlor.enabled=false --set channels.x-a-name-of-forty-characters-at-most.enabled=true --set channels.x-a-name-of-forty-characters-at-most.endpoints.main.proven_by=process \
	--set 'access.clients.parlor-connector.rights={connector}'
refused "no replicas" "replicas" --set workloads.api.replicas=0
refused "no replicas for a channel" "replicas" --values "$here/values/channels.yaml" --set channels.zalo.replicas=0
refused "text for a number" "replicas" --set-string workloads.ingress.replicas=two
refused "a number for text" "tenant" --set config.tenant=7
refused "an unknown key" "repo" --set image.repo=kenh
refused "an unknown key at the top" "replicaCount" --set replicaCount=2
refused "an unknown setting" "retension" --set config.log.retension.max_age=7d
refused "an unknown mode" "mode" --set mode=both
refused "a size without a unit" "max_bytes" --set config.log.retention.max_bytes=10
refused "a secret in an endpoint" "oa_secret_keys" --values "$here/values/channels.yaml" --set 'channels.zalo.endpoints.main.oa_secret_keys[0]=plain'
refused "a token in an endpoint" "verify_token" --values "$here/values/channels.yaml" --set channels.messenger.endpoints.main.verify_token=plain
refused "a secret in a variable" "extraEnv" --set 'extraEnv[0].name=KENH_ZALO_OA_SECRET_KEY' --set 'extraEnv[0].value=plain'
refused "a database's URL in a variable" "extraEnv" --set 'extraEnv[0].name=KENH_STORE__POSTGRES__URL' --set 'extraEnv[0].value=plain'
refused "a broker URL in a variable" "extraEnv" --set 'extraEnv[0].name=KENH_LOG__RABBITMQ__URL' --set 'extraEnv[0].value=plain'
refused "an id that YAML would round" "app_id" --values "$here/values/channels.yaml" --set channels.zalo.endpoints.main.app_id=1000000000000000001
refused "secrets without a Secret" "existingSecret" --set-json 'channels={"zalo": {"enabled": false, "secretEnv": {"A": "a"}}}'
# shellcheck disable=SC2016 # meant for the chart
refused "a variable nobody sets" "KENH_ZALO_OA_SECRET_KEY" --set postgres.existingSecret=db --set access.allowUnauthenticated=true \
	--set-json 'channels={"zalo": {"enabled": true, "endpoints": {"main": {"oa_secret_keys": ["${env:KENH_ZALO_OA_SECRET_KEY}"]}}}}'
refused "an enabled channel without an endpoint" "zalo" --set channels.zalo.enabled=true
refused "one variable from two secrets" "already taken" --values "$here/values/single.yaml" \
	--set channels.zalo.existingSecret=other --set channels.zalo.secretEnv.KENH_MESSENGER_APP_SECRET=key
refused "an Ingress without a host" "hosts" --values "$here/values/channels.yaml" --set ingress.hosts=null
refused "an Ingress without a channel" "at least one enabled channel" --set postgres.existingSecret=db --set access.allowUnauthenticated=true --set ingress.enabled=true --set 'ingress.hosts={a.example.com}'
refused "a name that is too long" "fullnameOverride" --set postgres.existingSecret=db --set access.allowUnauthenticated=true --set nameOverride=a-name-of-the-longest-kind-that-there-is
refused "autoscaling downwards" "minReplicas" --set postgres.existingSecret=db --set access.allowUnauthenticated=true --set workloads.api.autoscaling.enabled=true --set workloads.api.autoscaling.minReplicas=20
refused "alerts nobody reads" "monitoring.coreos.com/v1" --set postgres.existingSecret=db --set access.allowUnauthenticated=true --set monitoring.prometheusRule.enabled=true
refused "a ServiceMonitor nobody reads" "monitoring.coreos.com/v1" --set postgres.existingSecret=db --set access.allowUnauthenticated=true --set monitoring.serviceMonitor.enabled=true

echo "helm tests: ok: $rendered renderings (2 helms, Kubernetes $oldest and $newest), $refusals refusals, 2 goldens, $(find "$configs" -name '*.yaml' | wc -l) configurations in target/helm-configs"
