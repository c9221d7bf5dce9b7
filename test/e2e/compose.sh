#!/usr/bin/env bash
# docker-compose.yml as people run it: from a clean clone, with four workers, through everything that dies.
# Needs an engine and Compose v2 alone. Has a project, an image and a port of its own, and leaves nothing behind.
# Ends with the line `N passed, N failed`; KEEP=1 leaves the project for a look.
set -uo pipefail

ROWS=138398
here=$(cd "$(dirname "$0")/../.." && pwd)
passed=0 failed=0

say() { printf '%s [%4ss] %s\n' "$(date +%T)" "$SECONDS" "$*"; }
pass() { passed=$((passed + 1)); say "✔ $*"; }
fail() { failed=$((failed + 1)); say "✖ $*"; }
# check WHAT COMMAND...: passes when the command does; its last line of output is shown.
check() {
  local what=$1 output; shift
  if output=$("$@" 2>&1); then pass "$what${output:+: $(tail -n 1 <<<"$output")}"
  else fail "$what"; tail -n 15 <<<"$output" | sed 's/^/      /'; return 1; fi
}
# until_ok SECONDS COMMAND...: asks again until the command succeeds, and shows its last output when it never does.
until_ok() {
  local end=$((SECONDS + $1)) output; shift
  until output=$("$@" 2>&1); do
    [ $SECONDS -lt $end ] || { echo "never within the limit: $* — last: $output"; return 1; }
    sleep 0.5
  done
  echo "$output"
}

finish() {
  if [ -n "${KEEP:-}" ]; then say "kept: project $COMPOSE_PROJECT_NAME in $clone"
  else
    say "down -v"
    dc --profile '*' down -v --remove-orphans --timeout 5 >/dev/null 2>&1
    docker image rm -f "$REINDEER_IMAGE" >/dev/null 2>&1
    rm -rf "$work"
  fi
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
stop_here() { dc ps -a; dc logs --tail 20 --no-color; finish; exit 1; }

docker info >/dev/null 2>&1 || { echo 'No Docker engine answers: nothing was tested.'; echo '0 passed, 0 failed, 1 skipped'; exit 0; }
for name in $(compgen -e | grep -E '^(REINDEER|COMPOSE|GRAFANA)_'); do unset "$name"; done
work=$(mktemp -d)
clone=$work/reindeer
export COMPOSE_PROJECT_NAME=reindeer-e2e-$$ REINDEER_IMAGE=reindeer-e2e-$$ REINDEER_DASHBOARD_PORT=$((20000 + $$ % 20000))
# Slow enough to be met half way.
export REINDEER_BATCH_DOCUMENTS=50 REINDEER_WORKER_CONCURRENCY=2
trap 'finish >/dev/null; exit 130' INT TERM

dc() { (cd "$clone" && docker compose "$@"); }
reindeer() { dc exec -T scheduler reindeer "$@"; }
containers() { dc ps -a --format '{{.Name}}' "$@"; }
health() { docker inspect -f '{{.State.Health.Status}}' "$1"; }
is_health() { local now; now=$(health "$1") && echo "$now" && [ "$now" = "$2" ]; }
# number NAME: the first number of that name in the JSON on stdin.
number() { grep -oE "\"$1\":[0-9.]+" | head -n 1 | cut -d: -f2; }
word() { grep -oE "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }
healthy_workers() {
  local name count=0
  for name in $(dc ps --format '{{.Name}}' worker); do [ "$(health "$name")" != healthy ] || count=$((count + 1)); done
  echo "$count healthy"
  [ "$count" -eq "$1" ]
}
all_healthy() {
  local name
  for name in $(containers scheduler worker dashboard redis postgres opensearch); do
    is_health "$name" healthy >/dev/null || { echo "$name: $(health "$name")"; return 1; }
  done
}

# ------------------------------------------------------------------ what is in the index

sql() { dc exec -T postgres psql -U reindeer -d world -tAc "$1"; }
source_ids() { sql "select count(*) || ' ' || md5(string_agg(id::text, ',' order by id)) from public.city"; }
index_ids() { # asked of OpenSearch itself, through the alias
  dc exec -T scheduler node - <<'JS'
const ask = async (path, body, method = 'POST') => {
  const response = await fetch(`http://opensearch:9200${path}`, {
    method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};
const ids = [];
let page = await ask('/cities/_search?scroll=1m', { size: 10000, _source: false, sort: ['_doc'] });
while (page.hits.hits.length > 0) {
  for (const { _id } of page.hits.hits) ids.push(_id);
  page = await ask('/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
}
await ask('/_search/scroll', { scroll_id: page._scroll_id }, 'DELETE');
const { count } = await ask('/cities/_count', { query: { match_all: {} } });
if (count !== ids.length) throw new Error(`_count says ${count}, and the scroll gave ${ids.length}`);
ids.sort((a, b) => Number(a) - Number(b));
const { createHash } = await import('node:crypto');
console.log(count, createHash('md5').update(ids.join(',')).digest('hex'));
JS
}
aliased() { # one index behind the alias: the one that is live in the ledger
  local behind name
  behind=$(dc exec -T opensearch curl -fs 'http://localhost:9200/_cat/aliases/cities?h=index') || return 1
  name=$(reindeer status cities --json | grep -oE '"live":\{"name":"[^"]*"' | cut -d'"' -f6)
  echo "cities -> $behind"
  [ "$behind" = "$name" ]
}
same_ids() {
  local in_source in_index
  in_source=$(source_ids) && in_index=$(index_ids) || { echo "$in_source / $in_index"; return 1; }
  echo "$in_index"
  [ "$in_source" = "$in_index" ] && [ "${in_index% *}" = "$ROWS" ]
}
live() { # the demo index live with all its documents, by the command people type
  local status
  status=$(reindeer status cities --json) || return 1
  echo "$(word name <<<"$status"): $(number documents <<<"$status") documents"
  [ "$(number documents <<<"${status#*\"live\":\{}")" = "$ROWS" ]
}

# ------------------------------------------------------------------ runs

run= generation=
start_run() { # a rebuild by hand; one that is scheduled may be in its way
  local answer
  answer=$(until_ok 120 reindeer run cities --json) || { echo "$answer"; return 1; }
  run=$(number run <<<"$answer")
}
half_way() {
  local shown written state
  shown=$(reindeer show "$run" --json) || return 1
  written=$(number written <<<"$shown") state=$(word state <<<"$shown")
  echo "run $run: $state, $written of $ROWS written"
  case $state in completed | failed | cancelled) return 0 ;; esac
  [ "$written" -gt $((ROWS / 20)) ]
}
completed() {
  local shown state
  shown=$(reindeer show "$run" --json) || return 1
  state=$(word state <<<"$shown")
  echo "run $run: $state, read $(number read <<<"$shown"), written $(number written <<<"$shown"), failed $(number failed <<<"$shown")"
  [ "$state" = completed ] && [ "$(number read <<<"$shown")" = "$ROWS" ] && [ "$(number failed <<<"$shown")" = 0 ]
}
# through WHAT COMMAND...: the command in the middle of a run, which completes, and nothing is lost.
through() {
  local what=$1 seen; shift
  start_run || { fail "$what: a run starts"; return; }
  seen=$(until_ok 120 half_way) || { fail "$what: $seen"; return; }
  [[ $seen == *building* ]] || { fail "$what: met too late, $seen"; return; }
  say "  $seen: $what"
  check "$what in the middle of run $run" "$@" || return
  check "after it the run completes" until_ok 600 completed || { reindeer show "$run"; return; }
  check "documents are rows, by count and ids" same_ids
  check "the alias points to what is live" aliased
}

# ------------------------------------------------------------------ the test

git -c advice.detachedHead=false clone -q "$here" "$clone" || { echo 'git clone failed'; exit 1; }
say "$(git -C "$clone" log -1 --format='%h %s')"
say "engine $(docker info -f '{{.ServerVersion}}'), compose $(docker compose version --short), project $COMPOSE_PROJECT_NAME"

began=$SECONDS
check 'the image is built' dc build -q || stop_here
say "  built in $((SECONDS - began)) s: $(docker image inspect -f '{{.Size}}' "$REINDEER_IMAGE" | awk '{ printf "%.0f MB", $1 / 1e6 }')"
began=$SECONDS
check 'docker compose up -d --wait, from a clean clone' dc up -d --wait --wait-timeout 600 || stop_here
say "  ready in $((SECONDS - began)) s"
seeded() { local code; code=$(docker inspect -f '{{.State.ExitCode}}' "$(containers seed)") && dc logs --no-log-prefix seed | tail -n 1 && [ "$code" = 0 ]; }
check 'the demo data was loaded, and the seed ended with 0' seeded
schedulers() { local count; count=$(dc ps -q scheduler | wc -l) && echo "$count" && [ "$count" -eq 2 ]; }
check 'two schedulers run' schedulers
check 'the index is live' until_ok 300 live || stop_here
check 'the alias points to it, asked of OpenSearch itself' aliased
check 'documents are rows, by count and ids' same_ids
check 'docker compose run --rm cli status' dc run --rm -T cli status

published() { # only the dashboard, and only on this host
  local name ports wrong=0
  for name in $(containers); do
    ports=$(docker inspect -f '{{range $port, $hosts := .NetworkSettings.Ports}}{{range $hosts}}{{.HostIp}}:{{.HostPort}} {{end}}{{end}}' "$name")
    case $name in
      *-dashboard-*) [ "$ports" = "127.0.0.1:$REINDEER_DASHBOARD_PORT " ] || wrong=1; echo "$name: $ports" ;;
      *) [ -z "$ports" ] || { wrong=1; echo "$name: $ports"; } ;;
    esac
  done
  return $wrong
}
check 'only the dashboard is published, on 127.0.0.1 alone' published
confined() {
  local name processes
  for name in $(dc ps --format '{{.Name}}' scheduler worker dashboard); do
    [ "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' "$name")" = 'true [ALL]' ] || { echo "$name: root is writable, or capabilities are left"; return 1; }
    [ "$(docker exec "$name" id -u)" = 1000 ] || { echo "$name: uid $(docker exec "$name" id -u)"; return 1; }
    ! docker exec "$name" touch /app/x 2>/dev/null || { echo "$name: could write"; return 1; }
  done
  for name in $(dc ps --format '{{.Name}}'); do
    processes=$(docker top "$name" -o pid,uid,args) || { echo "$processes"; return 1; }
    ! awk 'NR > 1 && $2 == 0' <<<"$processes" | grep . || { echo "$name: a process of root"; return 1; }
  done
}
check 'no process is root, and the apps write nothing but /tmp' confined
clean_image() {
  local found
  found=$(docker run --rm --entrypoint find "$REINDEER_IMAGE" / -xdev \( -path /proc -o -path /sys -o -path /app/node_modules -o -path '/app/apps/*/node_modules' -o -path /usr \) -prune -o \
    \( -name .git -o -name '*.test.ts' -o -name '.env*' -o -name test -o -name '*.pem' -o -name secrets -o -name '.npmrc' \) -print 2>/dev/null | grep -vE '^/etc/|^/app/\.npmrc$')
  [ -z "$found" ] || { echo "$found"; return 1; }
  found=$(docker image inspect -f '{{.Config.Env}}' "$REINDEER_IMAGE"; docker history --no-trunc --format '{{.CreatedBy}}' "$REINDEER_IMAGE")
  ! grep -iE 'password|token|secret' <<<"$found"
}
check 'the image has no secrets, no .git, no tests' clean_image
answers() { # the published port, from this host; curl is not everywhere
  exec 3<>"/dev/tcp/127.0.0.1/$REINDEER_DASHBOARD_PORT" && printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && head -n 1 <&3 | tr -d '\r' | grep ' 200 '
}
check 'the dashboard is ready, asked from this host' answers
idle() { docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' $(dc ps -q) | sed "s/$COMPOSE_PROJECT_NAME-//; s/^/    /"; }
say '  memory at rest:'; idle

began=$SECONDS
check 'docker compose up -d --scale worker=4 --no-recreate' dc up -d --scale worker=4 --no-recreate
check 'four workers are healthy' until_ok 120 healthy_workers 4
say "  after $((SECONDS - began)) s"

through 'redis restarts' dc restart redis
kill_worker() { docker kill "$(dc ps --format '{{.Name}}' worker | tail -n 1)"; }
through 'a worker is killed' kill_worker
check 'the other three are healthy' healthy_workers 3
check 'it is started again' dc up -d --scale worker=4 --no-recreate
check 'four workers are healthy' until_ok 120 healthy_workers 4

stop_and_start() {
  dc stop || return 1
  local name code
  for name in $(containers scheduler worker dashboard); do
    code=$(docker inspect -f '{{.State.ExitCode}}' "$name")
    [ "$code" = 0 ] || { echo "$name did not end by itself: $code"; return 1; }
  done
  dc start && until_ok 180 all_healthy
}
through 'everything stops and starts' stop_and_start

# A process that is stopped renews nothing and answers nothing.
sick=$(dc ps --format '{{.Name}}' worker | head -n 1)
signal_app() { # the app is the child of the container's init
  docker exec "$sick" sh -c "for p in /proc/[0-9]*; do grep -q '^PPid:[[:space:]]*1\$' \$p/status && kill -$1 \${p#/proc/}; done"
}
check 'a worker is frozen' signal_app STOP
check 'it turns unhealthy' until_ok 90 is_health "$sick" unhealthy
check 'it thaws' signal_app CONT
check 'it is healthy again' until_ok 60 is_health "$sick" healthy
# A ledger that does not answer: the worker does, and says that its lease is over.
check 'the ledger is frozen' dc pause postgres
lease_over() { is_health "$sick" unhealthy && docker inspect -f '{{range .State.Health.Log}}{{.Output}}{{end}}' "$sick" | grep -o '"live":false' | head -n 1 | grep .; }
check 'a worker whose lease is not renewed turns unhealthy' until_ok 90 lease_over
check 'the ledger thaws' dc unpause postgres
check 'every app is healthy again' until_ok 120 all_healthy
check 'documents are rows, by count and ids' same_ids
check 'passwords from files instead of the environment: the example is valid' dc -f docker-compose.yml -f deploy/compose.secrets.yml config -q

[ "$failed" -eq 0 ] || dc logs --tail 20 --no-color
finish
