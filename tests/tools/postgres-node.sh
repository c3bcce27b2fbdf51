#!/usr/bin/env bash
# One private PostgreSQL for a test, everything below one folder, on the port given and a socket in the folder.
#
#   postgres-node.sh FOLDER PORT
#
# Prints "ready" once it takes connections. Then obeys lines on standard input and answers each with "ok":
#   kill     it, as kill -9 does              start    it again
#   stop     it at once (SIGQUIT)
#   pause    every one of its processes       resume   them
#   sql ...  a statement, in the database kenh
# At the end of standard input, that is when its test ends in whatever way, it ends what it started, by pid.
set -u
folder=$1 port=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] && [ -x "$bin/postgres" ] || { echo "postgres-node: PostgreSQL is not installed, run tests/tools/postgres.sh" >&2; exit 1; }

mkdir -p "$folder/data" "$folder/run"
log=$folder/console.log
: >"$log"
as=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL does not run as root; its package has made a user.
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  chmod 711 "$folder" && chown postgres "$folder/data" "$folder/run"
fi
cd "$folder/data" || exit 1
master=

start() {
  # A cluster that was killed may have processes that have not noticed yet.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    "${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder/run" >>"$log" 2>&1 </dev/null &
    master=$!
    for _ in $(seq 1 600); do
      kill -0 "$master" 2>/dev/null || break
      "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -t 1 && return 0
      sleep 0.05
    done
    sleep 0.3
  done
  return 1
}
# To it and to its processes. Of these some end meanwhile; once it is stopped itself, none begins.
signal() { kill "-$1" "$master" && { ps -o pid= --ppid "$master" | xargs -r kill "-$1" 2>>"$log" || true; }; }
gone() {
  for _ in $(seq 1 200); do
    kill -0 "$master" 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}
end() {
  [ -n "$master" ] && signal CONT 2>/dev/null
  [ -n "$master" ] && kill -QUIT "$master" 2>/dev/null && gone
  cd / && rm -rf "$folder/data" "$folder/run"
}
trap end EXIT

echo kenh-password >"$folder/password"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U kenh -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 \
  >>"$log" 2>&1 </dev/null || { echo "postgres-node: initdb failed:" >&2; tail -n 20 "$log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
fsync = on
max_connections = 60
shared_buffers = 32MB
EOF
export PGPASSWORD=kenh-password
sql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U kenh -d "$1" -c "$2" >>"$log" 2>&1 </dev/null; }
start && sql postgres 'CREATE DATABASE kenh' || { echo "postgres-node: it did not start:" >&2; tail -n 20 "$log" >&2; exit 1; }
echo ready
while read -r command rest; do
  case $command in
    kill) kill -9 "$master" && gone ;;
    stop) kill -QUIT "$master" && gone ;;
    start) start ;;
    pause) signal STOP ;;
    resume) signal CONT ;;
    sql) sql kenh "$rest" ;;
    *) false ;;
  esac && echo ok || echo failed
done
