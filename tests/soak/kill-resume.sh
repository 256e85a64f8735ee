#!/bin/bash
# Usage: kill-resume.sh [COUNT [KIND ...]] -- COUNT times (50) for each KIND, kill by SIGKILL what runs, at a random moment, and run it again:
#   score    mfc-score train, killed one to three times and going on by --resume
#   train    train.sh by --steps with --resume, a random stage of it killed one to three times
#   sample   sample.sh, a random stage of it killed
# Models, logs but for their seconds, and clouds must be byte for byte those of a run that nothing disturbed; what is under a final name must be
# whole after every kill, and a script must say which stage was killed. A line for each kind says how many were equal; exit 1 unless all were,
# and some kills came at a moment that matters. MFC_BIN is where the programs are (bin).
set -euo pipefail
count=${1:-50}
shift $(($# > 0))
[ $# -gt 0 ] || set -- score train sample
tests=$(cd "$(dirname "$0")/.." && pwd)
bin=${MFC_BIN:-bin}
[[ $bin == /* ]] || bin=$tests/../$bin
PATH=$bin:/usr/bin:$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
tiny=(-q -@ 2 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 --accumulate 2 --warmup 20 --checkpoint 0.02
	--validate ../validation.mfc --log-every 30)

noised() {   # [stream.py option ...]
	python3 "$tests/stream.py" --points 32 "$@" | mfc-subdivide split --levels 2:8:4,0.5:16:2,0:32:2 | mfc-noise
}

# The commands are always the same, whether there is something to go on from or not. Made is what they leave, as it should be in the end.
score() { exec mfc-score train "${tiny[@]}" -m model.mfc --steps 300 --resume -o log.tsv ../in.mfc; }
train() {
	exec "$tests/../pipelines/train.sh" -m model.mfc --steps 100 --resume -o log.tsv --levels 2:8:4,0.5:16:2,0:32:2 --progress never \
		"$tests/../fixtures/airplanes.zip" -- "${tiny[@]}"
}
sample() { exec "$tests/../pipelines/sample.sh" -m ../model.mfc -c 12 -n 3000 --start 1 -o clouds.mfc --progress never; }
made() {   # FILE: without the column of seconds
	if [[ $1 == *.tsv ]]; then cut -f 1,3- "$1"; else cat "$1"; fi
}

say() { echo "kill-resume.sh: $kind: $*" >&2; cat err.txt >&2; failures=$((failures + 1)); }

# Kill one of the programs that a process is or has as children. Sets victim to its name, empty where there is none.
murder() {
	local p name victims=()
	victim=''
	for p in "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		name=$(cat "/proc/$p/comm" 2>/dev/null) || continue
		[[ $name != mfc-* ]] || victims+=("$p $name")
	done
	[ ${#victims[@]} -gt 0 ] || return 0
	read -r p victim <<<"${victims[RANDOM % ${#victims[@]}]}"
	kill -KILL "$p" 2>/dev/null || victim=''
}

# Run the kind once and kill at a random moment of the time that a whole run takes; fails where the kill came too early or too late.
interrupt() {
	local pid status=0
	("$kind") 2>err.txt &
	pid=$!
	sleep "$(awk -v r=$RANDOM -v t="$whole" 'BEGIN { print t * r / 32768 }')"
	murder $pid
	wait $pid 2>/dev/null || status=$?
	[ -n "$victim" ] && [ $status != 0 ] || return
	kills=$((kills + 1)) killed[$victim]=$((${killed[$victim]:-0} + 1))
	if [ "$kind" = score ]; then
		[ $status = 137 ] || say "status $status"
	elif ! grep -qE "^$kind\.sh: $victim( [a-z]+)? \(stage [0-9]+ of [0-9]+\): killed by signal 9\$" err.txt || [ $status != 137 ]; then
		say "$victim was killed: status $status, and this"
	fi
}

# What a kill has left under a final name is whole: a model that can be read, rows of the log, all clouds or those that were there before.
whole_files() {
	if [ -e model.mfc ]; then
		mfc-score show model.mfc >card.tsv 2>>err.txt || say "after $victim was killed the model is not whole"
		found=$((found + 1))
	fi
	if [ -e clouds.mfc ] && ! cmp -s clouds.mfc old && ! cmp -s clouds.mfc ../sample/clouds.mfc; then
		say "after $victim was killed there is a part of the clouds"
	elif [ -e clouds.mfc ] && [ "$kind" = sample ]; then
		found=$((found + 1))
	fi
}

# Kill, see, run again and compare, in a folder of its own.
once() {   # NUMBER
	local k rounds=1 file same=1 missed=0
	mkdir work
	cd work
	[ "$kind" = sample ] || rounds=$(($1 % 3 + 1))
	[ "$kind" != sample ] || [ $(($1 % 2)) = 0 ] || echo "what was there" | tee old >clouds.mfc
	for ((k = 0; k < rounds; k++)); do
		if interrupt; then
			whole_files
		elif [ "$k" -eq 0 ]; then   # not killed at all: again
			[ $((missed += 1)) -lt 100 ] || { say "nothing can be killed"; exit 1; }
			find . -name '*.mfc' -delete
			[ ! -e old ] || cp old clouds.mfc
			k=-1
		fi
	done
	("$kind") 2>err.txt || say "fails when it is run again"
	for file in "../$kind"/*.{mfc,tsv}; do
		[ ! -e "$file" ] || cmp -s <(made "${file##*/}") <(made "$file") || { same=''; say "${file##*/} is another"; }
	done
	equal=$((equal + ${same:-0}))
	cd ..
	rm -rf work
}

noised --clouds 4800 >in.mfc
noised --clouds 8 --seed 2 >validation.mfc
failures=0
for kind; do
	if [ "$kind" = sample ] && [ ! -e model.mfc ]; then
		mfc-score train "${tiny[@]/..\//}" -m model.mfc --steps 3 in.mfc >log.tsv
	fi
	equal=0 kills=0 found=0
	declare -A killed=()
	mkdir "$kind"
	cd "$kind"
	began=$EPOCHREALTIME
	("$kind") 2>err.txt || { cat err.txt; exit 1; }
	whole=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	cd ..
	for ((i = 1; i <= count; i++)); do
		once "$i"
	done
	echo "$kind: $equal of $count equal to the unbroken run, after $kills kills within its $whole seconds" \
		"($(for p in "${!killed[@]}"; do echo "$p ${killed[$p]}"; done | sort | paste -sd,)); $found of them found a file"
	[ "$equal" -eq "$count" ] && [ "$found" -gt 0 ] || failures=$((failures + 1))
done
[ "$failures" -eq 0 ]
