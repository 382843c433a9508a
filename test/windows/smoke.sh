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
PORT=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
SINK_PID=
cleanup() {
  # Of this prefix only.
  wineserver -k >/dev/null 2>&1 || true
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
hd() { timeout 120 wine 'C:\node.exe' --import file:///C:/t/preload.mjs 'C:\hd\dist\cli.js' "$@" >out.txt 2>&1; }
says() {
  local wanted=$1
  shift
  hd "$@" && grep -q "$wanted" out.txt
}
page() { curl -sf --max-time 10 -o page.txt "http://127.0.0.1:$PORT$1" && grep -q "$2" page.txt; }
start() { wine 'C:\node.exe' --import file:///C:/t/preload.mjs 'C:\hd\dist\cli.js' run -c 'C:\t\a.yaml' >run.txt 2>&1 & }
# until_ok WHAT COMMAND…
until_ok() {
  local end=$((SECONDS + 90)) what=$1
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "$what"
    sleep 0.3
  done
}

rm -rf "$C/hd/dist" "$C/hd/examples" "$C/t"
mkdir -p "$C/t"
cp -r "$TREE/dist" "$TREE/examples" "$C/hd/"
cp "$HERE/preload.mjs" "$HERE/fake-reader.mjs" "$HERE/fake-system.mjs" "$C/t/"
rm -f sink-port.txt
node "$HERE/sink.mjs" "$WORK/sink.txt" >sink-port.txt &
SINK_PID=$!
until_ok 'the sink listens' test -s sink-port.txt
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
server: { listen: '127.0.0.1:$PORT' }
notifiers: { team: { webhook: { url: 'http://127.0.0.1:$(cat sink-port.txt)/hook' } } }
alerts: { route: { group_wait: 0s }, rules: [{ id: t, metric: cpu.usage_idle, below: { warning: 101 } }] }
Y
}
config one
sed 's/C:.*state/state/' "$C/t/a.yaml" >"$C/t/a-relative.yaml"

hd version || fail version
grep -qFx "$(node -p "require('$TREE/package.json').version")" out.txt || fail 'the version'
hd --help || fail help
grep -q 'ProgramData' out.txt || fail 'help names the folder of Windows'
t 'version, help'
printf '{}\n' >"$C/t/empty.yaml"
hd check -c 'C:\t\empty.yaml' || fail 'check of the default configuration'
CHECKED=0
# What they take from the environment.
export SLACK_WEBHOOK=https://hooks.slack.com/services/T/B/X SMTP_PASSWORD=x INFLUX_TOKEN=x INFLUX_PASSWORD=x PAGERDUTY_KEY=x
export HEALTHD_PASSWORD='correct horse battery staple' LISTENER_TOKEN=4f1c9e27ab5d4f0e9b1d HEARTBEAT_URL=https://example.org/x
# Not those of Linux alone (container, stack, systemd), and not full, which has every input.
for file in minimal alerts alerts-team influxdb-v1 influxdb-v2 kibana local-plugin docker-host hub/hub hub/db hub/web; do
  hd check -c "C:\\hd\\examples\\${file/\//\\}\\healthd.yaml" || fail "check of examples/$file"
  CHECKED=$((CHECKED + 1))
done
t "check of the default and of $CHECKED examples"
hd once -c 'C:\t\empty.yaml' --format influx || fail 'once of the default configuration'
for series in '^cpu,cpu=cpu-total' '^mem,' '^swap,' '^disk,.*device=C:' '^diskio,.*name=C:' '^net,.*interface=Ethernet\\ 2' '^system,'; do
  grep -q "$series" out.txt || fail "once: no $series"
done
grep -q 'inodes_total' out.txt && fail 'once: inodes on Windows'
t 'once of the default configuration'
cat >"$C/t/quoted.yaml" <<'Y'
inputs:
  - exec: { commands: [['cmd', '/d', '/c', 'echo quoted,a=b text="x y"']] }
Y
hd once -c 'C:\t\quoted.yaml' --format influx || fail 'once with a shell'
grep -q '^quoted,a=b.* text="x y"' out.txt || fail 'quotes in a command of cmd'

# lines PATTERN: how many lines of the sink have it
lines() { grep -c "$1" "$WORK/sink.txt" || true; }
# processes PATTERN: of Linux, of this prefix, whose command line has it
processes() {
  local each
  for each in /proc/[0-9]*; do
    # It may end meanwhile.
    { tr '\0' ' ' <"$each/cmdline" | grep -q "$1"; } 2>/dev/null || continue
    { tr '\0' '\n' <"$each/environ" | grep -qFx "WINEPREFIX=$WINEPREFIX"; } 2>/dev/null && echo "${each#/proc/}"
  done
  true
}
# cpu_ms PID: its processor time so far
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/^.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"; }
AGENT='node.exe.*cli.js run'
HELPER='node.exe.*fake-reader'
is_over() { [ -z "$(processes "$AGENT")$(processes "$HELPER")" ]; }

rm -f "$C/t/started.txt"
start
until_ok 'started' grep -q Started run.txt
until_ok 'the page answers' page / healthd
until_ok 'the sink has lines' grep -q '^jobs,' "$WORK/sink.txt"
until_ok 'the file has lines' grep -q '^jobs,' "$C/t/out/m.lp"
until_ok 'events are reported' grep -q '^win_eventlog,' "$WORK/sink.txt"
grep -q 'memory only' run.txt && fail 'the alert store is in memory'
until_ok 'an alert fires' says firing alerts -c 'C:\t\a.yaml'
until_ok 'the API has the alert' page /api/v1/alerts firing
until_ok 'the notification is sent' grep -q firing "$WORK/sink.txt.hook"
t 'run: file, InfluxDB, page, local plugin, events, an alert and its notification'
hd silence add rule=t --for 5m -c 'C:\t\a.yaml' || fail silence
until_ok 'the alert is silenced' says silence alerts -c 'C:\t\a.yaml'
says 'In use   by' journal status -c 'C:\t\a.yaml' || fail 'journal status names the process'
hd journal cat -c 'C:\t\a.yaml' || fail 'journal cat'
grep -q '^jobs,' out.txt || fail 'journal cat: no lines'
until_ok 'the history has samples' says '^[1-9][0-9]*' sql "select count(*) from jobs where round = 'one'" --format csv -c 'C:\t\a.yaml'
hd query cpu.usage_idle --from 5m -c 'C:\t\a.yaml' || fail 'query draws the history'
until_ok 'the inventory is collected' page /api/v1/inventory Architecture
t 'silence, journal, history, inventory'
hd run -c 'C:\t\a.yaml' && fail 'a second agent runs'
grep -q 'in use by another healthd' out.txt || fail 'the second agent says why'
(cd "$C/t" && hd run -c a-relative.yaml) && fail 'a second agent runs by a relative path'
grep -q 'in use by another healthd' "$C/t/out.txt" || fail 'the second agent by a relative path says why'
t 'a second agent is refused'
config two
hd reload -c 'C:\t\a.yaml' || fail reload
until_ok 'the new configuration is used' grep -q 'round=two' "$WORK/sink.txt"
t 'reload by command'

# What it costs: gathers of eight inputs that Node alone cannot do.
until_ok 'the helper process is counted' grep -q 'internal_windows_reader.*starts=1i' "$WORK/sink.txt"
grep -q 'internal_windows_reader.*starts=[2-9]' "$WORK/sink.txt" && fail 'more than one helper process'
agent=$(processes "$AGENT")
helper=$(processes "$HELPER")
[ "$(wc -w <<<"$helper")" = 1 ] || fail "helper processes: $helper"
before=$(lines '^net,.*Ethernet. 2') cpu=$(cpu_ms "$agent") helper_cpu=$(cpu_ms "$helper")
grep -c 'powershell' "$C/t/started.txt" >started-before.txt
enough() { [ "$(lines '^net,.*Ethernet. 2')" -ge $((before + 10)) ]; }
until_ok 'ten gathers' enough
grep -c 'powershell' "$C/t/started.txt" >started-after.txt
cmp -s started-before.txt started-after.txt || fail 'a process was started for a gather'
gathers=$(($(lines '^net,.*Ethernet. 2') - before))
cpu=$((($(cpu_ms "$agent") - cpu) / gathers)) helper_cpu=$((($(cpu_ms "$helper") - helper_cpu) / gathers))
# Of the agent, not of the second one and of commands, whose configuration's rights each ask once.
hd journal status -c 'C:\t\a.yaml' || fail 'journal status'
agent_id=$(sed -n 's/.*In use   by.* \([0-9][0-9]*\).*/\1/p' out.txt)
[ -n "$agent_id" ] || fail 'the number of the agent'
grep "^$agent_id " "$C/t/started.txt" >started.txt || fail 'nothing was started'
# Node collects the inventory, once a day.
grep -viE 'powershell.exe$|C:.node.exe$|icacls.exe$' started.txt && fail 'another program was started'
grep -qi 'icacls.exe$' started.txt || fail 'the new state directory is open to others'
# The rights of the configuration are asked for by a process that ends at once: at the start and at each reload.
[ "$(grep -ci powershell started.txt)" = 3 ] || fail "PowerShell was started $(grep -ci powershell started.txt) times: 3 for start, reload and inputs"
t "helper processes: 1, and none started in $gathers gathers; the package systeminformation started 9 in each"
echo "       a gather of 13 inputs: $cpu ms of processor time in the agent, $helper_cpu ms in the stand-in of the helper"
mkdir "$C/t/foreign"
cp "$C/t/empty.yaml" "$C/t/foreign/"
hd check -c 'C:\t\foreign\empty.yaml' && fail 'a folder that others can write is obeyed'
grep -q 'can be written by BU' out.txt || fail 'the refused folder says why'
t 'a folder that others can write is refused'

# The service, by stand-ins for programs that Wine has only in part. The compiler that every Windows has:
csc="$C/windows/Microsoft.NET/Framework64/v4.0.30319"
mkdir -p "$csc" "$C/ProgramData"
: >"$csc/csc.exe"
rm -rf "$C/ProgramData/healthd" "$C/Program Files/healthd"
hd service status && fail 'a service before its installation'
grep -q 'not installed' out.txt || fail 'service status says that it is not installed'
hd service install --dry-run || fail 'service install --dry-run'
[ ! -e "$C/ProgramData/healthd" ] || fail '--dry-run has done something'
# Its line for the service manager, by Wine's own sc.exe.
grep -a '^C:.*sc.exe create' out.txt >"$C/t/create.bat" || fail 'the line of sc.exe'
wine cmd /c 'C:\t\create.bat' >cmd.txt 2>&1 || fail 'sc create'
wine sc query healthd >cmd.txt 2>&1 || fail 'sc query'
grep -aq STOPPED cmd.txt || fail 'the created service'
wine sc delete healthd >cmd.txt 2>&1 || fail 'sc delete'
for _ in first again; do
  hd service install || fail 'service install'
  says 'Runs: yes' service status || fail 'service status'
done
[ -d "$C/ProgramData/healthd/state" ] || fail 'the state directory of the service'
hd service stop || fail 'service stop'
hd service status && fail 'service status after service stop'
hd service start || fail 'service start'
says 'Runs: yes' service status || fail 'service status after service start'
hd service uninstall || fail 'service uninstall'
[ ! -e "$C/Program Files/healthd/healthd-service.exe" ] || fail 'the program of the service is left'
[ -d "$C/ProgramData/healthd/state" ] || fail 'service uninstall has removed data'
hd service install --winsw 'C:\t\winsw.exe' || fail 'service install --winsw'
grep -q '<stoparguments>.*cli.js stop</stoparguments>' "$C/t/winsw.xml" || fail 'the configuration of WinSW'
t 'service: install, again, status, stop, start, uninstall, --winsw'

wine taskkill /f /im node.exe >/dev/null 2>&1 # as kill -9, in this prefix only
until_ok 'it is killed' is_over
hd journal status -c 'C:\t\a.yaml' || fail 'journal status after the kill'
grep -q 'In use   by' out.txt && fail 'the lock is left behind'
start
until_ok 'started again' grep -q Started run.txt
until_ok 'the silence is kept' says active silence list -c 'C:\t\a.yaml'
until_ok 'the history of before is kept' says '^[1-9][0-9]*' sql "select count(*) from jobs where round = 'one'" --format csv -c 'C:\t\a.yaml'
until_ok 'the page answers again' page / healthd
rotated() { compgen -G "$C/t/out/m.lp.*.gz" >/dev/null; }
until_ok 'the file is rotated' rotated
[ "$(gzip -dc "$C"/t/out/m.lp.*.gz | grep -c '^jobs,')" -gt 0 ] || fail 'the rotated file has no lines'
t 'kill, restart, silence and history kept, rotation'
hd stop -c 'C:\t\a.yaml' || fail stop
until_ok 'it has ended' is_over
t 'stop by command: no process is left'
echo OK
