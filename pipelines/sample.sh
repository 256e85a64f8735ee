#!/usr/bin/env bash
# sample.sh -m MODEL -c COUNT -n POINTS [option ...] > CLOUDS.mfc
#
# Generate clouds with a trained model: prior noise, then stage after stage less noise and more particles. The stages follow from the
# model's levels and the number of particles (mfc-subdivide plan); each is a process of its own, at work on different clouds.
#
#   -m, --model FILE     the model
#   -c, --count COUNT    clouds (16)
#   -n, --points POINTS  particles of each (2048)
#       --label NAME     what the clouds are to be, for a model trained with labels; repeated: they take turns
#       --guidance W     weight of the label (1)
#       --first K        number of the first cloud (1): jobs with one seed and other numbers
#       --quality NAME   draft, standard or best: start, density and steps at once (standard)
#       --start COUNT    particles to begin with, at least: few of them are seen while the coarse shape is decided, the others are carried along
#                        (2048; draft 512)
#       --density C      particles within s of each other where the cloud branches at noise s (64; best 128)
#       --dimension M    of what the clouds lie on (2: surfaces)
#       --steps COUNT    evaluations of the network on the whole way (30, best 60, and twice as many where the cloud branches; draft 20)
#       --grid NAME      where they lie: log-snr or edm:RHO, denser at high noise the smaller RHO is (edm:4)
#       --context COUNT  particles that the network sees of a cloud (as many as in training)
#       --parents        record which particle each was copied from
#       --kernel NAME    what parts the copies: sde (default: nothing but the stochastic solver on the way down), langevin, tweedie or restart
#       --kernel-steps N of langevin or restart (8)
#       --noise NAME     of the stages below the first, where the cloud branches: stratified (default; independent above 8 coordinates) or independent
#   -s, --seed N         seed (0)
#   -o, --output FILE    write here (standard output)
#       --progress WHEN  auto, always or never
#   -v, --verbose        print the pipeline
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

model='' count=16 points=2048 first=1 quality=standard start='' density='' steps='' grid=edm:4 kernel=sde kernel_steps='' noise=stratified seed=0 output=- progress=auto
labels=() field=() plan=() branch=''
while [ $# -gt 0 ]; do
	case $1 in
		-m | --model) model=$(value "$@"); shift ;;
		-c | --count) count=$(value "$@"); shift ;;
		-n | --points) points=$(value "$@"); shift ;;
		--label) labels+=(--label "$(value "$@")"); shift ;;
		--guidance) field+=(--guidance "$(value "$@")"); shift ;;
		--first) first=$(value "$@"); shift ;;
		--quality) quality=$(value "$@"); shift ;;
		--start) start=$(value "$@"); shift ;;
		--density) density=$(value "$@"); shift ;;
		--dimension) plan+=(--dimension "$(value "$@")"); shift ;;
		--grid) grid=$(value "$@"); shift ;;
		--context) field+=(--context "$(value "$@")"); shift ;;
		--parents) branch=' --parents' ;;
		--kernel) kernel=$(value "$@"); shift ;;
		--kernel-steps) kernel_steps=$(count "$@"); shift ;;
		--noise) noise=$(value "$@"); shift ;;
		--steps) steps=$(value "$@"); shift ;;
		-s | --seed) seed=$(value "$@"); shift ;;
		-o | --output) output=$(value "$@"); shift ;;
		--progress) progress=$(value "$@"); shift ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		*) usage "$1: no such option" ;;
	esac
	shift
done
[ -n "$model" ] || usage "which model? -m MODEL"
[[ $count =~ ^[1-9][0-9]*[kMG]?$ ]] || usage "--count $count: not a number from 1"

case $quality in
	draft) : "${start:=512}" "${density:=64}" "${steps:=20}" ;;
	standard) : "${start:=2048}" "${density:=64}" ;;
	best) : "${start:=2048}" "${density:=128}" ;;
	*) usage "--quality $quality: not draft, standard or best" ;;
esac

case $kernel:${kernel_steps:+steps} in
	sde: | tweedie: | langevin: | langevin:steps | restart: | restart:steps) ;;
	sde:steps | tweedie:steps) usage "--kernel-steps is of langevin and restart" ;;
	*) usage "--kernel $kernel: not sde, langevin, tweedie or restart" ;;
esac
[ "$noise" = stratified ] || [ "$noise" = independent ] || usage "--noise $noise: not stratified or independent"

part=''
[ "$kernel" = sde ] || part=" --kernel ${kernel@Q} -m ${model@Q} ${field[*]@Q}"
[ -z "$kernel_steps" ] || part+=" --kernel-steps ${kernel_steps@Q}"
stages=$(verbose='' run "mfc-subdivide plan -m ${model@Q} -n ${points@Q} --start ${start@Q} --density ${density@Q} ${plan[*]@Q}")
branches=$(($(tail -n +2 <<<"$stages" | cut -f 4 | uniq | wc -l) - 1))
if [ -z "$steps" ]; then
	[ "$quality" = best ] && steps=60 || steps=30
	[ "$branches" -eq 0 ] || steps=$((2 * steps))   # for copies to part and become even
fi
stratify=''
[ "$branches" -eq 0 ] || [ "$noise" = independent ] || [ "$(mfc-score show "$model" | awk '$1 == "dim" { print $2 }')" -gt 8 ] || stratify=' --stratify'
pipeline='' before=''
while IFS=$'\t' read -r stage _ to particles _ last; do
	if [ "$stage" = 0 ]; then
		pipeline="mfc-noise prior -m ${model@Q} -c ${count@Q} -n $particles --first ${first@Q} --seed ${seed@Q} ${labels[*]@Q}"
	elif [ "$particles" != "$before" ]; then
		pipeline+=" |"$'\n\t'"mfc-subdivide branch --to $particles$branch$part --seed ${seed@Q}"
	fi
	pipeline+=" |"$'\n\t'"mfc-score denoise -m ${model@Q} --to $to --last $last --steps ${steps@Q} --grid ${grid@Q} --leads --seed ${seed@Q} ${field[*]@Q}"
	[ "$stage" = 0 ] || pipeline+=$stratify
	before=$particles
done < <(tail -n +2 <<<"$stages")
[ "$kernel$branch" = sde ] || [ "$branches" -gt 0 ] ||
	echo "$name: warning: nothing branches, as all particles are there from the start (--start $start): --kernel and --parents have no effect" >&2
run "$pipeline --progress=${progress@Q} -o ${output@Q}"
