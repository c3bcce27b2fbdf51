#!/bin/sh
# The contract: linted, formatted and, once it is declared stable, compatible with what main holds. Needs python.sh's buf.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

buf=$tools/python/bin/buf
[ -x "$buf" ] || fail "$buf is not there: run tests/tools/python.sh"
cd "$repo"

"$buf" lint proto || fail "proto/ breaks a rule of proto/buf.yaml"
"$buf" format -d --exit-code proto || fail "proto/ is not formatted: $buf format -w proto"

# kenh.v1 is not declared stable yet: until somebody adds proto/STABLE, a field may still be renamed or removed, and
# every release says so in its notes. From the commit that adds it on, nothing that main holds may break.
[ -e proto/STABLE ] || exit 0
git=$(git rev-parse --path-format=absolute --git-common-dir)
for main in refs/remotes/origin/main refs/heads/main; do
	git rev-parse --quiet --verify "$main^{commit}" >/dev/null || continue
	"$buf" breaking proto --against "$git#format=git,ref=$main,subdir=proto" || fail "proto/ breaks its readers"
	exit 0
done
fail "proto/STABLE promises compatibility and there is no branch main to compare with"
