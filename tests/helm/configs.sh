#!/bin/sh
# Every kenh.yaml the chart renders is right in the eyes of the program. Run after run.sh, which extracts them.
set -eu
cd "$(dirname "$0")/../.."
tests/helm/catalog.sh
count=0
for config in target/helm-configs/*.yaml; do
	[ -e "$config" ] || { echo "configs.sh: no rendered configurations, run tests/helm/run.sh first" >&2; exit 1; }
	# What the chart takes from secrets is set to something of the right form.
	for name in $(grep -o '[$]{env:[A-Z0-9_]*}' "$config" | sed 's/.*://; s/}//' | sort -u); do
		case $name in
		*POSTGRES*) export "$name=postgres://user:password@database/kenh" ;;
		*SHA256*) export "$name=$(printf %064d 0)" ;;
		*URL*) export "$name=amqp://user:password@broker/%2f" ;;
		*PUBLIC_KEY*) export "$name=test:words" ;;
		*CREDENTIALS_KEY*) export "$name=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" ;;
		*) export "$name=secret-that-nobody-guesses" ;;
		esac
	done
	# Files that only a pod has are left out of the check.
	sed 's/[$]{file:[^}]*}/secret-that-nobody-guesses/g' "$config" > target/helm-configs/checked
	# Named <values file>.<workload>.<component>.yaml; one pod of mode single runs all services.
	role=${config%.yaml}
	role=${role##*.}
	[ "$role" != single ] || role=ingress,poller,api,dispatch
	[ "$role" != connector ] || role=ingress,api,dispatch
	[ "$role" != dispatch ] || role=dispatch,poller
	target/debug/kenh config check --role "$role" --config target/helm-configs/checked || { echo "configs.sh: $config is wrong" >&2; exit 1; }
	count=$((count + 1))
done
echo "helm: $count rendered configurations are right"
