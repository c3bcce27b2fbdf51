#!/usr/bin/env bash
# One private Dovecot for a test, everything below one folder, with one user: support@example.test.
#
#   dovecot-node.sh FOLDER PORT TLS_PORT INTROSPECTION_URL
#
# FOLDER holds cert.pem and key.pem for the TLS port (and STARTTLS on the other), and a file `password`. Access tokens are
# asked about at the url. Prints "ready" once it takes connections. Then obeys lines on standard input and answers each
# with "ok", or what is said here:
#   deliver FILE BOX   a message into a folder (INBOX, or its name as Maildir writes it)
#   ls BOX             its messages' flags, sorted, one word each ("-" where it has none)
#   make BOX           a folder
#   lock BOX           its messages: the server itself cannot read them any more
#   rebuild            the INBOX: another UIDVALIDITY, other numbers
#   kill, stop, start  it
# At the end of standard input, that is when its test ends in whatever way, it ends what it started, by pid.
set -u
folder=$1 port=$2 tls_port=$3 introspection=$4
[ -x /usr/sbin/dovecot ] || { echo "dovecot-node: Dovecot is not installed, run tests/tools/dovecot.sh" >&2; exit 1; }
log=$folder/console.log
box=$folder/mail/support@example.test
mkdir -p "$folder/run" "$folder/state" "$box"/{cur,new,tmp}
: >"$log"
if [ "$(id -u)" = 0 ]; then
  # Dovecot does not work as root; its package has made users.
  owner=dovecot group=dovecot users=
  chmod 711 "$folder"
else
  owner=$(id -un) group=$(id -gn)
  users="default_internal_user = $owner
default_internal_group = $group
default_login_user = $owner"
fi
own() { chown -R "$owner:$group" "$folder/mail"; }
own
echo "support@example.test:{PLAIN}$(cat "$folder/password")" >"$folder/passwd"
chmod 644 "$folder/passwd" "$folder/cert.pem" "$folder/key.pem"
cat >"$folder/oauth2.conf" <<EOF
introspection_mode = post
introspection_url = $introspection
username_attribute = username
active_attribute = active
active_value = true
EOF
cat >"$folder/dovecot.conf" <<EOF
base_dir = $folder/run
state_dir = $folder/state
log_path = $log
protocols = imap
listen = 127.0.0.1
$users
mail_location = maildir:$folder/mail/%u
first_valid_uid = 0
ssl = yes
ssl_cert = <$folder/cert.pem
ssl_key = <$folder/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = $folder/oauth2.conf
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u $folder/passwd
}
userdb {
  driver = static
  args = uid=$(id -u "$owner") gid=$(id -g "$owner") home=$folder/mail/%u
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $port
  }
  inet_listener imaps {
    port = $tls_port
    ssl = yes
  }
}
EOF
master=

start() {
  rm -f "$folder/run/master.pid"
  /usr/sbin/dovecot -F -c "$folder/dovecot.conf" >>"$log" 2>&1 </dev/null &
  master=$!
  for _ in $(seq 1 200); do
    kill -0 "$master" 2>/dev/null || return 1
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    sleep 0.05
  done
  return 1
}
family() { echo "$master"; ps -o pid= --ppid "$master"; }
gone() {
  for _ in $(seq 1 200); do
    kill -0 "$master" 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}
maildir() { if [ "$1" = INBOX ]; then echo "$box"; else echo "$box/.$1"; fi; }
number=0
deliver() {
  number=$((number + 1))
  local name
  name="$(printf '%010d' "$((1700000000 + number))").$number.test"
  cp "$1" "$(maildir "$2")/tmp/$name" && chown "$owner:$group" "$(maildir "$2")/tmp/$name" &&
    mv "$(maildir "$2")/tmp/$name" "$(maildir "$2")/new/$name"
}
flags() {
  local at name
  at=$(maildir "$1")
  for name in "$at"/new/* "$at"/cur/*; do
    [ -e "$name" ] || continue
    name=${name##*:2,}
    case $name in */* | '') echo - ;; *) echo "$name" ;; esac
  done | sort | tr '\n' ' '
  echo
}
end() {
  [ -n "$master" ] && kill -TERM "$master" 2>/dev/null && gone
  cd / && rm -rf "$folder/mail" "$folder/run" "$folder/state"
}
trap end EXIT

start || { echo "dovecot-node: it did not start:" >&2; tail -n 20 "$log" >&2; exit 1; }
echo ready
while read -r command one two; do
  case $command in
    deliver) deliver "$one" "$two" && echo ok || echo failed ;;
    ls) flags "$one" ;;
    make) mkdir -p "$(maildir "$one")"/{cur,new,tmp} && own && echo ok || echo failed ;;
    lock) chmod 000 "$(maildir "$one")"/{new,cur}/* 2>/dev/null; echo ok ;;
    rebuild) find "$box" -maxdepth 1 -name 'dovecot*' -delete && echo ok || echo failed ;;
    kill) family | xargs kill -9; gone && echo ok || echo failed ;;
    stop)
      # Who is connected would stay so.
      all=$(family)
      kill -TERM "$master" && gone && { echo "$all" | xargs kill -9 2>/dev/null || true; } && echo ok || echo failed
      ;;
    start) start && echo ok || echo failed ;;
    *) echo failed ;;
  esac
done
