#!/bin/sh
# The chart takes every channel the program has, and no other; a secret of any of them cannot be written out.
#   KENH_GOLDEN=write tests/helm/catalog.sh     # writes the program's list into values.schema.json
# Needs target/debug/kenh and the helms of run.sh; leaves the rendered configurations beside those of run.sh.
set -eu
cd "$(dirname "$0")/../.."
tools=${KENH_TOOLS:-target/tools}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p target/helm-configs
export HELM_CONFIG_HOME="$work/helm" HELM_CACHE_HOME="$work/helm" HELM_DATA_HOME="$work/helm" KUBECONFIG=/dev/null
target/debug/kenh config example >"$work/example.yaml"
"$tools/python/bin/python" tests/helm/catalog.py "$work" helm/kenh deploy/config

said() { tr '\n' ' ' <"$work/err" | cut -c 1-400; }
for helm in helm3 helm4; do
	"$tools/$helm/helm" template demo helm/kenh --namespace chat --values "$work/all.yaml" >"$work/all.$helm" 2>"$work/err" ||
		{ echo "catalog.sh: $helm does not take all channels: $(said)" >&2; exit 1; }
	"$tools/python/bin/python" tests/helm/check.py catalog "$work/all.$helm" target/helm-configs
	count=0
	for values in "$work"/plain/*.yaml; do
		if "$tools/$helm/helm" template demo helm/kenh --namespace chat --values "$values" >/dev/null 2>"$work/err"; then
			echo "catalog.sh: $helm takes a secret that is written out: $(basename "$values" .yaml)" >&2
			exit 1
		fi
		setting=$(basename "$values" .yaml | sed 's/.*\.//')
		grep -q "$setting" "$work/err" || { echo "catalog.sh: $helm refuses $setting for another reason: $(said)" >&2; exit 1; }
		count=$((count + 1))
	done
done
echo "helm: $(grep -c '^kind: StatefulSet' "$work/all.helm3") channels, $count secrets that cannot be written out"
