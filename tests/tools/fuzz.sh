#!/bin/sh
# cargo-fuzz in $KENH_TOOLS/cargo-fuzz (default: target/tools); for `make fuzz` alone, so no part of all.sh.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock cargo-fuzz

version=0.13.2
folder=$tools/cargo-fuzz
case $("$folder/bin/cargo-fuzz" --version 2>/dev/null) in
"cargo-fuzz $version") exit 0 ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
attempt "$log" cargo install --quiet --locked --root "$folder" "cargo-fuzz@$version" ||
	fail "cargo could not install cargo-fuzz: $(reason "$log")"
