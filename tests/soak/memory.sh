#!/bin/bash
# Usage: memory.sh [SECONDS [FOLDER]] -- for so long (7200) train, by train.sh --fine on the fixture's shapes, and beside that sample, branch and thin
# clouds in one endless pipeline, and look every ten seconds at how much of each process is resident. FOLDER (build/soak) then has resident.tsv
# (process, seconds, KiB), resident.png, a plot of it, and the model. A line for each process: its largest size within the second quarter of the
# time and the last one; exit 1 if one grew by more than 2 % and 1 MiB, as they do
# in the first minutes, or ended. MFC_BIN is where the programs are (bin).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-7200} dir=${2:-$root/build/soak}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "memory.sh: $seconds: not a number of seconds" >&2; exit 2; }
bin=${MFC_BIN:-bin}
[[ $bin == /* ]] || bin=$root/$bin
export PATH=$bin:$PATH
mkdir -p "$dir"
cd "$dir"
rm -f resident.tsv
trap 'kill -- $(jobs -p | sed s/^/-/) 2>/dev/null || :' EXIT
set -m   # a process group for each, to be ended by

"$root/pipelines/train.sh" -m model.mfc --fine --time $((seconds + 600)) -o log.tsv --progress never "$root/fixtures/airplanes.zip" -- -@ 1 2>train.err &
train=$!
{ "$root/pipelines/sample.sh" -m "$root/fixtures/airplanes.mfc" -c 1000000 -n 20000 --progress never 2>sample.err |
	mfc-load -n 2048 -q - 2>load.err | mfc-metric chaos -q - >chaos.tsv 2>chaos.err; } &
sample=$!

# processes GROUP WHAT: of the programs of a group that run, a name that is its own, and KiB resident.
processes() {
	local pid name
	for pid in $(pgrep -g "$1" '^mfc-'); do
		name=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | sed 's|^[^ ]*/||' | awk '{ print $1, ($2 ~ /^-/ ? "" : $2) }') || continue
		awk -v name="$2: $name $pid" -v t="$SECONDS" '/^VmRSS/ { print name "\t" t "\t" $2 }' "/proc/$pid/status" 2>/dev/null || :
	done
}

SECONDS=0
while [ $SECONDS -lt "$seconds" ]; do
	sleep $((seconds < 200 ? 1 : 10))
	for job in "$train" "$sample"; do
		kill -0 "$job" 2>/dev/null || { echo "memory.sh: a pipeline has ended:" >&2; cat ./*.err >&2; exit 1; }
	done
	{ processes "$train" train; processes "$sample" sample; } >>resident.tsv
done

gnuplot <<'PLOT'
set terminal pngcairo size 1100,600 font ',10'
set output 'resident.png'
set datafile separator "\t"
set xlabel 'hours'; set ylabel 'MiB resident'; set yrange [0:*]; set key outside right
names = system("cut -f 1 resident.tsv | sort -u | tr ' \n' '_ '")
plot for [name in names] sprintf("< awk -F'\t' '{ n = $1; gsub(/ /, \"_\", n) } n == \"%s\"' resident.tsv", name) \
	using ($2 / 3600):($3 / 1024) with lines title name noenhanced
PLOT
awk -F '\t' -v all="$seconds" '
	{ if (!($1 in name)) { name[$1] = 1; order[++count] = $1 } }
	$2 >= 0.25 * all && $2 < 0.5 * all && $3 > early[$1] { early[$1] = $3 }
	$2 >= 0.75 * all && $3 > late[$1] { late[$1] = $3 }
	END { print "process\tsecond quarter, KiB\tlast quarter, KiB\tmemory"
		for (i = 1; i <= count; i++) { n = order[i]
			grew = late[n] > early[n] * 1.02 + 1024 || !late[n] || !early[n]
			bad += grew
			print n "\t" early[n] "\t" late[n] "\t" (grew ? "GROWS" : "constant") }
		exit bad > 0 || count < 8 }' resident.tsv
