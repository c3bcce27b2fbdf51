#!/bin/sh
# Everything the tests need beside the Rust toolchain and a C compiler. Quiet when it is all there.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

"$here/apt.sh" ca-certificates curl openssl procps
for installer in rabbitmq postgres dovecot exim prometheus faketime python node smsc helm mail; do
	"$here/$installer.sh"
done
