#!/bin/sh
# Every guard is still there to be broken: its patch applies, and there is the test that watches it.
set -eu
cd "$(dirname "$0")/../.."

failed=0
for patch in tests/guards/*.patch; do
	if ! git apply --check "$patch"; then
		echo "$patch: the code is another one now; break it anew, and see: GUARDS=$(basename "$patch" .patch) make guards" >&2
		failed=1
	fi
	watch=$(sed -n 's/^watched by: //p' "$patch")
	suite=${watch%% *}
	if ! grep -rqs "fn ${watch##*[: ]}" "tests/$suite" services/lib/store/src/contract*; then
		echo "$patch: there is no test $watch" >&2
		failed=1
	fi
done
exit "$failed"
