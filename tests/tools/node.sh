#!/bin/sh
# The Node gRPC client libraries, in $KENH_TOOLS/node/node_modules (default: target/tools/node/node_modules).
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock node

need node nodejs
need npm npm

grpc_js=1.14.7
proto_loader=0.8.1

stamp="@grpc/grpc-js@$grpc_js @grpc/proto-loader@$proto_loader"
if [ "$(cat "$tools/node/.stamp" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$tools/node"
mkdir -p "$tools/node"
echo '{"private": true}' >"$tools/node/package.json"
attempt "$log" npm install --prefix "$tools/node" --save-exact --no-audit --no-fund --ignore-scripts --loglevel=error \
	"@grpc/grpc-js@$grpc_js" "@grpc/proto-loader@$proto_loader" || fail "npm could not install the gRPC client: $(reason "$log")"
(cd "$tools/node" && node -e 'require("@grpc/grpc-js"); require("@grpc/proto-loader")') >"$log" 2>&1 ||
	fail "the gRPC client does not load: $(reason "$log")"
echo "$stamp" >"$tools/node/.stamp"
