#!/usr/bin/env bash
# One private RabbitMQ node for a test, everything below one folder, on the ports given.
#
#   rabbitmq-node.sh FOLDER AMQP_PORT DIST_PORT EPMD_PORT PROMETHEUS_PORT
#
# Prints "ready" once the node takes connections. Then obeys lines on standard input and answers each with "ok":
#   kill     the node, as kill -9 does        start    it again
#   pause    the process (SIGSTOP)            resume   it
#   ctl ...  a rabbitmqctl command         ask ...  the same, and first a line with what it printed
# At the end of standard input, that is when its test ends in whatever way, it ends what it started, by pid.
set -u
folder=$1 amqp=$2 dist=$3 epmd=$4 prometheus=$5
bin=/usr/lib/rabbitmq/bin
[ -x "$bin/rabbitmq-server" ] || { echo "rabbitmq-node: RabbitMQ is not installed, run tests/tools/rabbitmq.sh" >&2; exit 1; }

mkdir -p "$folder/log" "$folder/home"
cd "$folder" || exit 1 # where a node that fails leaves its dumps
export HOME=$folder/home
printf kenh-tests > "$HOME/.erlang.cookie" && chmod 400 "$HOME/.erlang.cookie"
export RABBITMQ_NODENAME=kenh$amqp@localhost RABBITMQ_MNESIA_BASE=$folder/mnesia RABBITMQ_LOG_BASE=$folder/log \
  RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$folder/advanced.config \
  RABBITMQ_ENABLED_PLUGINS_FILE=$folder/enabled_plugins RABBITMQ_PID_FILE=$folder/pid RABBITMQ_CONF_ENV_FILE=/dev/null \
  RABBITMQ_GENERATED_CONFIG_DIR=$folder/gen RABBITMQ_FEATURE_FLAGS_FILE=$folder/feature_flags \
  ERL_EPMD_PORT=$epmd ERL_EPMD_ADDRESS=127.0.0.1 \
  RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$amqp RABBITMQ_DIST_PORT=$dist \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
echo '[rabbitmq_prometheus].' > "$folder/enabled_plugins"
cat > "$folder/rabbitmq.conf" <<EOF
listeners.tcp.default = 127.0.0.1:$amqp
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = $prometheus
log.file.level = info
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
EOF

# Our own port mapper: the node would leave one behind. The nodes of a cluster share the first one's.
epmd_bin=$(command -v epmd || ls /usr/lib/erlang/erts-*/bin/epmd | head -n 1)
"$epmd_bin" -port "$epmd" -address 127.0.0.1 >/dev/null 2>&1 </dev/null &
epmd_pid=$!
group=

start() {
  rm -f "$folder/pid"
  setsid nohup "$bin/rabbitmq-server" >>"$folder/console.log" 2>&1 </dev/null &
  group=$!
  "$bin/rabbitmqctl" -q wait --timeout 90 "$folder/pid" >>"$folder/console.log" 2>&1 </dev/null
}
ctl() { "$bin/rabbitmqctl" -q "$@" >>"$folder/console.log" 2>&1 </dev/null; }
node() { cat "$folder/pid" 2>/dev/null; }
end() {
  # The whole group: a node that is still starting has not written down its own number yet.
  [ -n "$group" ] && kill -9 -- "-$group" 2>/dev/null
  kill "$epmd_pid" 2>/dev/null
  rm -rf "$folder"
}
trap end EXIT

start || { echo "rabbitmq-node: the node did not start:" >&2; tail -n 20 "$folder/console.log" >&2; exit 1; }
echo ready
while read -r command rest; do
  case $command in
    # The node writes down what was declared with a delay of seconds; killed before, it comes back without the queues
    # it has just confirmed. The tests are about a broker that has run for a while.
    kill) ctl eval 'mnesia:dump_log().' && kill -9 "$(node)" ;;
    start) start ;;
    pause) kill -STOP "$(node)" ;;
    resume) kill -CONT "$(node)" ;;
    # shellcheck disable=SC2086 # several words on purpose
    ctl) ctl $rest ;;
    # shellcheck disable=SC2086 # the same
    ask) "$bin/rabbitmqctl" -q $rest </dev/null 2>>"$folder/console.log" | tr '\n' ';' && echo ;;
    *) false ;;
  esac && echo ok || echo failed
done
