#!/bin/bash
# Usage: faults.sh [NAME ...] -- every allocation, read, thread, write, sync and making of a file of the commands of tests/faults.bats (of those
# named) fails, by itself and with all after it, on one thread and on three, to standard output and to a file. Prints for each command and kind how
# many calls there were and what came of their failure, and what broke a law; the last line has the sums. Exit 1 if something did.
# MFC_BIN is where the programs are (bin); build/faults.so is there after make faults.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
report=$(mktemp)
trap 'rm -f "$report"' EXIT
filter=.
[ $# -eq 0 ] || filter="^($(IFS='|'; echo "$*"))\$"
FAULTS_MOST=0 FAULTS_REPORT=$report bats --filter "$filter" "$here/faults.bats"
status=$?
echo $'command\tkind\tfails\tthere\ttried\tfailed\tsurvived'
cat "$report"
awk -F '\t' '{ tried += $5; failed += $6; survived += $7 }
	END { printf "%d tried: %d ended the run, %d changed nothing\n", tried, failed, survived }' "$report"
exit "$status"
