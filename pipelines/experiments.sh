#!/usr/bin/env bash
# experiments.sh [option ...]
#
# All experiments (mfc-experiments(7)), each into a folder of its own, and README.md: a page with what each printed, its plot and how long it took.
# One that is done already is not run again.
#
#   -d, --dir FOLDER     where everything goes (experiments)
#   -m, --model FILE     the model of those that need one (that in fixtures/)
#       --shapes PATH    the shapes it is of (those in fixtures/)
#       --molecules PATH an archive for molecules.sh, which is left out without
#       --only "NAME .." these alone: validate-meanfield, posterior, convergence, scaling, dimension, signatures, point-process, molecules
#       --quick          smoke runs of seconds
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
here=$(cd "$(dirname "$0")" && pwd)

dir=experiments model=$here/../fixtures/airplanes.mfc shapes=$here/../fixtures/airplanes.zip molecules='' options=()
all='validate-meanfield posterior convergence scaling dimension signatures point-process molecules'
only=$all
while [ $# -gt 0 ]; do
	case $1 in
		-d | --dir) dir=$(value "$@"); shift ;;
		-m | --model) model=$(value "$@"); shift ;;
		--shapes) shapes=$(value "$@"); shift ;;
		--molecules) molecules=$(value "$@"); shift ;;
		--only) only=$(value "$@"); shift ;;
		--quick) options+=(--quick) ;;
		-s | --seed) options+=(--seed "$(value "$@")"); shift ;;
		-v | --verbose) options+=(-v) ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) usage "takes no file: $1" ;;
	esac
	shift
done
for name in $only; do [[ " $all " == *" $name "* ]] || usage "--only: $name is none of them"; done
[ -e "$model" ] || usage "which model? -m MODEL"
[ -e "$shapes" ] || usage "which shapes? --shapes PATH"
mkdir -p "$dir"

# experiment NAME [argument ...]: into NAME/, what it prints to NAME/printed, which is there when it is done.
experiment() {
	[[ " $only " == *" $1 "* ]] || return 0
	[ -e "$dir/$1/printed" ] && return
	echo "== $1" >&2
	SECONDS=0
	mkdir -p "$dir/$1"
	"$here/$1.sh" "${options[@]}" -d "$dir/$1" "${@:2}" > "$dir/$1/printing"
	echo "$SECONDS" > "$dir/$1/seconds"
	mv "$dir/$1/printing" "$dir/$1/printed"
}
experiment validate-meanfield
experiment posterior "$shapes"
experiment convergence -m "$model" "$shapes"
experiment scaling -m "$model" "$shapes"
experiment dimension
experiment signatures -m "$model" "$shapes"
experiment point-process
if [ -n "$molecules" ]; then experiment molecules "$molecules"; fi

{
	echo '# Experiments'
	echo
	echo 'What each printed; tables and plots are in its folder, and how to read them in mfc-experiments(7).'
	for name in $all; do
		[ -e "$dir/$name/printed" ] || continue
		printf '\n## %s.sh\n\n' "$name"
		for plot in "$dir/$name"/*.png; do printf '![%s](%s)\n\n' "$name" "$name/${plot##*/}"; done
		sed 's/^/    /' "$dir/$name/printed"
		printf '\n%s s.\n' "$(cat "$dir/$name/seconds")"
	done
} > "$dir/README.md"
cat "$dir/README.md"
