#!/usr/bin/env bash
# The Windows build of Node runs healthd under Wine. Needs: apt-get install --no-install-recommends wine64 wine; npm.
# usage: smoke.sh TREE WORK   (TREE has dist/; WORK is made by prepare.sh, or already was)
set -euo pipefail
# Under Wine a pipe of Linux as standard input is EBADF.
exec </dev/null
HERE=$(cd "$(dirname "$0")" && pwd)
TREE=$(realpath "$1")
mkdir -p "$2"
WORK=$(realpath "$2")
[ -d "$WORK/prefix/drive_c/hd/node_modules" ] || "$HERE/prepare.sh" "$TREE" "$WORK"
cd "$WORK"
export WINEPREFIX=$WORK/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=
C=$WINEPREFIX/drive_c
SINK_PID=
cleanup() {
  # Of this prefix only.
  wine taskkill /f /im node.exe >/dev/null 2>&1 || true
  [ -z "$SINK_PID" ] || kill "$SINK_PID" 2>/dev/null || true
}
trap cleanup EXIT
t() { printf '%4ss  %s\n' "$SECONDS" "$1"; }
fail() {
  echo "FAIL: $1"
  tail -n 20 out.txt run.txt 2>/dev/null || true
  exit 1
}
# Standard streams are files: with a pipe of Linux Node's process.stdout throws EBADF under Wine.
hd() { timeout 60 wine 'C:\node.exe' --import file:///C:/t/preload.mjs 'C:\hd\dist\cli.js' "$@" >out.txt 2>&1; }
start() { wine 'C:\node.exe' --import file:///C:/t/preload.mjs 'C:\hd\dist\cli.js' run -c 'C:\t\a.yaml' >run.txt 2>&1 & }
# until_ok SECONDS WHAT COMMAND…
until_ok() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "$what"
    sleep 0.3
  done
}

rm -rf "$C/hd/dist" "$C/hd/examples" "$C/t"
mkdir -p "$C/t"
cp -r "$TREE/dist" "$TREE/examples" "$C/hd/"
cp "$HERE/preload.mjs" "$HERE/fake-reader.mjs" "$C/t/"
rm -f sink-port.txt
node "$HERE/sink.mjs" "$WORK/sink.txt" >sink-port.txt &
SINK_PID=$!
until_ok 10 'the sink listens' test -s sink-port.txt
cat >"$C/t/jobs.ts" <<'TS'
import { defineInput, z } from 'healthd/plugin';
export default defineInput({
  name: 'jobs', summary: 'Jobs', config: z.strictObject({}),
  metrics: { jobs: { fields: { n: { type: 'int', help: 'Jobs' } } } },
  create: () => ({ gather(acc) { acc.add('jobs', { n: 3 }); } }),
});
TS
config() {
  cat >"$C/t/a.yaml" <<Y
agent: { interval: 1s, state_dir: 'C:\\t\\state', tags: { round: '$1' } }
inputs:
  - cpu
  - mem
  - swap
  - disk
  - diskio
  - net
  - system
  - netstat
  - win_services
  - { win_eventlog: { from_beginning: true } }
  - { win_perf_counters: { objects: [{ class: Win32_PerfRawData_PerfOS_Memory, properties: [PagesPersec] }] } }
  - ./jobs.ts
  - internal
outputs:
  - file: { path: 'C:\\t\\out\\m.lp', rotate: { size: 16KiB, keep: 2 } }
  - influxdb: { url: 'http://127.0.0.1:$(cat sink-port.txt)', database: d }
server: { listen: '127.0.0.1:18686' }
alerts: { rules: [{ id: t, metric: cpu.usage_idle, below: { warning: 101 } }] }
Y
}
config one

hd version || fail version
hd --help || fail help
grep -q 'ProgramData' out.txt || fail 'help names the folder of Windows'
t 'version, help'
printf '{}\n' >"$C/t/empty.yaml"
hd check -c 'C:\t\empty.yaml' || fail 'check of the default configuration'
CHECKED=0
# What they take from the environment.
export SLACK_WEBHOOK=https://hooks.slack.com/services/T/B/X SMTP_PASSWORD=x INFLUX_TOKEN=x INFLUX_PASSWORD=x PAGERDUTY_KEY=x
# Not those of Linux alone, and of programs that are not here.
for file in minimal alerts alerts-team influxdb-v1 influxdb-v2 kibana local-plugin; do
  hd check -c "C:\\hd\\examples\\$file\\healthd.yaml" || fail "check of examples/$file"
  CHECKED=$((CHECKED + 1))
done
t 'check of the default and of examples'
hd once -c 'C:\t\empty.yaml' --format influx || fail 'once of the default configuration'
for series in '^cpu,cpu=cpu-total' '^mem,' '^swap,' '^disk,.*device=C:' '^diskio,.*name=C:' '^net,.*interface=Ethernet\\ 2' '^system,'; do
  grep -q "$series" out.txt || fail "once: no $series"
done
grep -q 'inodes_total' out.txt && fail 'once: inodes on Windows'
t 'once of the default configuration'

start
until_ok 30 'started' grep -q Started run.txt
until_ok 20 'the page answers' curl -sf -o page.txt http://127.0.0.1:18686/
until_ok 20 'the sink has lines' grep -q '^jobs,' "$WORK/sink.txt"
until_ok 20 'events are reported' grep -q '^win_eventlog,' "$WORK/sink.txt"
grep -q 'memory only' run.txt && fail 'the alert store is in memory'
until_ok 20 'an alert fires' sh -c "timeout 60 wine 'C:\\node.exe' 'C:\\hd\\dist\\cli.js' alerts -c 'C:\\t\\a.yaml' >out.txt 2>&1; grep -q firing out.txt"
hd silence add rule=t --for 5m -c 'C:\t\a.yaml' || fail silence
hd journal status -c 'C:\t\a.yaml' || fail 'journal status'
grep -q 'In use   by' out.txt || fail 'journal status names the process'
t 'run: file, InfluxDB, page, local plugin, events, alerts, silence, journal'
hd run -c 'C:\t\a.yaml' && fail 'a second agent runs'
grep -q 'in use by another healthd' out.txt || fail 'the second agent says why'
t 'a second agent is refused'
config two
hd reload -c 'C:\t\a.yaml' || fail reload
until_ok 20 'the new configuration is used' grep -q 'round=two' "$WORK/sink.txt"
t 'reload by command'
until_ok 20 'the helper process is counted' grep -q 'internal_windows_reader.*starts=1i' "$WORK/sink.txt"
grep -q 'internal_windows_reader.*starts=[2-9]' "$WORK/sink.txt" && fail 'more than one helper process'
mkdir "$C/t/foreign"
cp "$C/t/empty.yaml" "$C/t/foreign/"
hd check -c 'C:\t\foreign\empty.yaml' && fail 'a folder that others can write is obeyed'
grep -q 'can be written by BU' out.txt || fail 'the refused folder says why'
t "helper processes: 1, where the package systeminformation started 9 at each gather"

wine taskkill /f /im node.exe >/dev/null 2>&1 # as kill -9, in this prefix only
sleep 1
hd journal status -c 'C:\t\a.yaml' || fail 'journal status after the kill'
grep -q 'In use   by' out.txt && fail 'the lock is left behind'
start
until_ok 30 'started again' grep -q Started run.txt
hd silence list -c 'C:\t\a.yaml'
grep -q active out.txt || fail 'the silence is lost'
until_ok 60 'the file is rotated' sh -c "ls '$C'/t/out/m.lp.*.gz >/dev/null 2>&1"
t 'kill, restart, rotation'
hd stop -c 'C:\t\a.yaml' || fail stop
until_ok 20 'it has ended' sh -c "! wine tasklist 2>/dev/null | grep -qi node.exe"
t 'stop by command'
echo OK
