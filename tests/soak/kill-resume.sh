#!/bin/bash
# Usage: kill-resume.sh [COUNT] -- train a small network COUNT times (50), killing it by SIGKILL at one to three random moments and going on by
# --resume each time, and compare the models byte for byte with that of a run that nothing disturbed. The last line says how many
# were equal; exit 1 unless all were and some kill left a checkpoint. MFC_BIN is where the programs are (bin).
set -euo pipefail
count=${1:-50}
here=$(cd "$(dirname "$0")/.." && pwd)
bin=${MFC_BIN:-bin}
[[ $bin == /* ]] || bin=$here/../$bin
PATH=$bin:/usr/bin:$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

noised() {   # [stream.py option ...]
	python3 "$here/stream.py" --points 32 "$@" | mfc-subdivide split --levels 2:8:4,0.5:16:2,0:32:2 | mfc-noise
}

# The command is always the same, whether there is a model to go on from or not.
train() {
	exec mfc-score train -q -@ 2 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 -m model.mfc --steps 300 --accumulate 2 \
		--warmup 20 --checkpoint 0.02 --validate ../validation.mfc --log-every 30 --resume -o log.tsv ../in.mfc 2>>err.txt
}

seconds() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'; }

cd "$dir"
noised --clouds 4800 >in.mfc
noised --clouds 8 --seed 2 >validation.mfc
mkdir whole
cd whole
began=$EPOCHREALTIME
(train) || { cat err.txt; exit 1; }
whole=$(seconds "$began")
cd ..

# One kill at a random moment of the time that a whole run takes; fails where the run was over before.
interrupt() {
	train &
	sleep "$(awk -v r=$RANDOM -v t="$whole" 'BEGIN { print t * r / 32768 }')"
	kill -KILL $! 2>/dev/null || true
	! wait $! 2>/dev/null
}

equal=0 kills=0 found=0
for ((i = 1; i <= count; i++)); do
	mkdir "$i"
	cd "$i"
	for ((k = 0; k <= i % 3; k++)); do
		if interrupt; then
			kills=$((kills + 1))
			[ ! -e model.mfc ] || found=$((found + 1))
		elif [ "$k" -eq 0 ]; then   # not killed at all: again
			rm -f model.mfc
			k=-1
		fi
	done
	if (train) && cmp model.mfc ../whole/model.mfc; then
		equal=$((equal + 1))
	else
		cat err.txt
	fi
	cd ..
	rm -rf "$i"
done
echo "$equal of $count models byte-equal to the unbroken one, after $kills kills within $whole seconds of training, $found of which left a checkpoint"
[ "$equal" -eq "$count" ] && [ "$found" -gt 0 ]
