#!/bin/sh
# Dovecot from the distribution, for the tests that start mail servers of their own. No system service is started.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

there() { [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ]; }
there && exit 0
package_without_service dovecot-imapd
there || fail "dovecot-imapd is installed and /usr/sbin/dovecot is not there"
