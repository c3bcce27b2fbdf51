#!/bin/sh
# Runs every fuzz target, or those in $FUZZ_TARGETS, for $FUZZ_SECONDS (default 60) each. What it learns stays in
# target/fuzz/corpus and is gone on from the next time. Bytes that break something are in target/fuzz/artifacts.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
cd "$repo"

tests/tools/fuzz.sh
PATH=${KENH_TOOLS:-$repo/target/tools}/cargo-fuzz/bin:$PATH
# The versions that everything else is built with.
cp Cargo.lock "$here/libfuzzer/Cargo.lock"

targets=${FUZZ_TARGETS:-$(sed -n 's/^name = "\([a-z]*\)"$/\1/p' "$here/libfuzzer/Cargo.toml")}
work=$repo/target/fuzz
broken=
for target in $targets; do
	mkdir -p "$work/corpus/$target" "$work/artifacts/$target"
	cargo run --quiet -p kenh-fuzz -- "$target" "$work/corpus/$target"
	echo "== $target"
	# Nothing here is unsafe: what the sanitizers find cannot be, and without them it is several times as fast.
	cargo fuzz run --fuzz-dir "$here/libfuzzer" --target-dir "$work" --sanitizer none "$target" \
		"$work/corpus/$target" -- -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
		-artifact_prefix="$work/artifacts/$target/" -print_final_stats=1 || broken="$broken $target"
done
if [ -n "$broken" ]; then
	echo "broken:$broken; put what is in $work/artifacts into tests/fuzz/regressions/TARGET and mend it" >&2
	exit 1
fi
