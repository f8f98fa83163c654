#!/usr/bin/env bash
# The main job from end to end, on a data directory and ports of its own:
# submit an image run, poll its events from an offset, kill the server with SIGKILL while a second run is
# under way, start it again, poll on from the old offset, fetch the picture.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

runledger=$PWD/build/runledger
out=${DEMO_OUT:-$(mktemp -d "${TMPDIR:-/tmp}/runledger-demo.XXXXXX")}
data=$out/data
export RUNLEDGER_TOKEN_FILE=$data/admin-token
server_pid=
mkdir -p "$out"

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; tail -n 20 "$out/server.log" >&2 || true; exit 1; }
stop_server() {
  [ -n "$server_pid" ] || return 0
  kill -TERM "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
trap stop_server EXIT

# start_server: waits for the line that tells the address, then until a worker is there.
start_server() {
  : >"$out/server.out"
  "$runledger" serve --data "$data" --listen 127.0.0.1:0 --workers 1 \
    >"$out/server.out" 2>>"$out/server.log" &
  server_pid=$!
  local tries=0
  until url=$(sed -n 's/.* listens on //p' "$out/server.out") && [ -n "$url" ] &&
    curl -fsS -o /dev/null "$url/readyz" 2>/dev/null; do
    kill -0 "$server_pid" 2>/dev/null || die "the server has ended"
    tries=$((tries + 1))
    [ $tries -lt 300 ] || die "the server is not ready"
    sleep 0.1
  done
  export RUNLEDGER_SERVER=$url
}

api() { # api PATH: the answer's body
  curl -fsS -H "Authorization: Bearer $(cat "$RUNLEDGER_TOKEN_FILE")" "$RUNLEDGER_SERVER$1"
}
# member NAME: that member of the JSON object on standard input, a string or a number.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
next_offset() { sed -n 's/.*"next_offset":\([0-9]*\).*/\1/p'; }
count_events() { grep -o '"idx":' | wc -l; }

say "Starting the server on an empty data directory: $data"
start_server
echo "    it listens on $url (pid $server_pid)"

say "Submitting an image run"
first=$("$runledger" submit image --label conversation_id=42 \
  --input '{"prompt":"Runledger remembers 记得一切","width":1280,"height":720}')
echo "    $first"

say "Its events, polled from an offset"
from=0
status=
while :; do
  page=$(api "/v1/runs/$first/events?from=$from&wait=5")
  count=$(count_events <<<"$page")
  status=$(member status <<<"$page")
  echo "    from=$from: $count events, next_offset=$(next_offset <<<"$page"), status $status"
  from=$(next_offset <<<"$page")
  [ "$status" = pending ] || [ "$status" = running ] || break
done
[ "$status" = succeeded ] || die "the run is $status"
"$runledger" events "$first" | awk '!/task.progressed/ || n++ % 5 == 0 { print "    " $0 }'

say "Submitting a large picture, and killing the server while it is being drawn"
second=$("$runledger" submit image \
  --input '{"prompt":"Still here after kill -9 杀不死","width":4096,"height":4096}')
from=0
until grep -q 'task.progressed' <<<"${page:=}" && [ "$from" -gt 0 ]; do
  page=$(api "/v1/runs/$second/events?from=$from&wait=5")
  old=$from
  from=$(next_offset <<<"$page")
  [ "$from" -gt "$old" ] || die "no progress came"
done
status=$(member status <<<"$page")
[ "$status" = running ] || die "the run should be running, but it is $status"
echo "    $second is $status; we have seen $from events"
kill -KILL "$server_pid"
wait "$server_pid" 2>/dev/null || true
server_pid=
echo "    killed with SIGKILL"

say "Starting it again on the same data"
start_server
echo "    it listens on $url (pid $server_pid)"

say "Polling on from offset $from: nothing is repeated, nothing is missing"
"$runledger" events "$second" --from "$from" --follow >"$out/events.txt"
# Of the many lines about progress, every twentieth will do here.
awk '!/task.progressed/ || n++ % 20 == 0 { print "    " $0 }' "$out/events.txt"
run=$(api "/v1/runs/$second")
grep -q '"status":"succeeded"' <<<"$run" || die "the run did not succeed: $run"
page=$(api "/v1/runs/$second/events?from=0&limit=5000")
grep -o '"idx":[0-9]*' <<<"$page" | cut -d: -f2 |
  awk '$1 != NR - 1 { bad = 1 } END { exit bad }' || die "indices are repeated or skipped"
echo "    all $(count_events <<<"$page") events stand in the log, each index once"

say "Fetching the pictures"
for run_id in "$first" "$second"; do
  resource=$(api "/v1/runs/$run_id" | grep -o '"resource_id":"res_[^"]*"' | head -n 1 | cut -d'"' -f4)
  api "/v1/resources/$resource/content" >"$out/$run_id.png"
  expected=$(api "/v1/resources/$resource" | member sha256)
  echo "$expected  $out/$run_id.png" | sha256sum --check --quiet || die "the picture is damaged"
  [ "$(head -c 8 "$out/$run_id.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] ||
    die "that is no PNG"
  echo "    $out/$run_id.png ($(stat -c %s "$out/$run_id.png") bytes, SHA-256 as recorded)"
done

stop_server
say "The demo has succeeded. Pictures, log and server output lie in $out"
