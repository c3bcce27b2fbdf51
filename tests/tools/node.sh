#!/bin/sh
# What the Node example's lock file names, in $KENH_TOOLS/node/node_modules (default: target/tools/node/node_modules).
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock node

need node nodejs
need npm npm

example=$repo/deploy/examples/node

stamp=$(cat "$example/package.json" "$example/package-lock.json" "$example/.npmrc" "$0" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$tools/node/.stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$tools/node"
mkdir -p "$tools/node"
cp "$example/package.json" "$example/package-lock.json" "$example/.npmrc" "$tools/node/"
cd "$tools/node"
attempt "$log" npm ci --no-audit --no-fund --loglevel=error || fail "npm could not install the example's libraries: $(reason "$log")"
node -e 'for (const name of Object.keys(require("./package.json").dependencies)) require(name)' >"$log" 2>&1 ||
	fail "the example's libraries do not load: $(reason "$log")"
echo "$stamp" >"$tools/node/.stamp"
