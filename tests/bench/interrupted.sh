#!/bin/sh
# `runledger bench log` ends at once on Ctrl-C and leaves nothing: interrupted.sh RUNLEDGER DIRECTORY
set -eu
rm -rf "$2"
mkdir "$2"
status=0
timeout -s INT 2 "$1" bench log --dir "$2" || status=$?
[ "$status" -eq 124 ] || { echo "expected to interrupt it, but it ended with $status"; exit 1; }
[ -z "$(ls -A "$2")" ] || { echo "it left something:"; ls "$2"; exit 1; }
