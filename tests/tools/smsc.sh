#!/bin/sh
# What the message centre of the tests is made of, in $KENH_TOOLS/smsc/node_modules (default: target/tools/smsc/node_modules).
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock smsc

need node nodejs
need npm npm

client=$repo/tests/clients/smsc

stamp=$(cat "$client/package.json" "$client/package-lock.json" "$client/.npmrc" "$0" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$tools/smsc/.stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$tools/smsc"
mkdir -p "$tools/smsc"
cp "$client/package.json" "$client/package-lock.json" "$client/.npmrc" "$tools/smsc/"
cd "$tools/smsc"
attempt "$log" npm ci --no-audit --no-fund --loglevel=error || fail "npm could not install the message centre's library: $(reason "$log")"
node -e 'require("smpp")' >"$log" 2>&1 || fail "the message centre's library does not load: $(reason "$log")"
echo "$stamp" >"$tools/smsc/.stamp"
