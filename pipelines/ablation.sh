#!/usr/bin/env bash
# ablation.sh [option ...] ARCHIVE [NAME=OPTIONS-OF-MFC-SCORE-TRAIN ...]
#
# Train variants of the network for equal time, each on one thread, generate with each, and compare with held-out shapes: a table with the
# mean over seeds and its spread (standard deviation), also in FOLDER/table.tsv. What is finished is kept and not done again, so a run may be
# stopped and go on. Without NAME=OPTIONS: latent, pooled, pairwise, local, sobolev, epsilon.
#
#   -d, --dir FOLDER     where everything goes (ablation)
#   -t, --time SECONDS   wall-clock budget of each training (300)
#       --seeds LIST     seeds ("0 1 2")
#   -j, --jobs COUNT     trainings at once (the processors): no more than there are, or their times are not equal
#   -C, --category GLOB  shapes whose label or id matches
#   -c, --count COUNT    clouds to generate and to compare (32)
#   -n, --points POINTS  particles of each (2048)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
here=$(cd "$(dirname "$0")" && pwd)

dir=ablation time=300 seeds='0 1 2' jobs=$(nproc) category='' count=32 points=2048 archive='' variants=()
while [ $# -gt 0 ]; do
	case $1 in
		-d | --dir) dir=$(value "$@"); shift ;;
		-t | --time) time=$(value "$@"); shift ;;
		--seeds) seeds=$(value "$@"); shift ;;
		-j | --jobs) jobs=$(value "$@"); shift ;;
		-C | --category) category=$(value "$@"); shift ;;
		-c | --count) count=$(value "$@"); shift ;;
		-n | --points) points=$(value "$@"); shift ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) if [ -z "$archive" ]; then archive=$1; else variants+=("$1"); fi ;;
	esac
	shift
done
[ -n "$archive" ] || usage "shapes from where? ARCHIVE"
[ -e "$archive" ] || die "$archive: no such file"
[[ $jobs =~ ^[1-9][0-9]*$ ]] || usage "--jobs $jobs: not a number from 1"
[[ $seeds =~ ^[0-9]+(\ [0-9]+)*$ ]] || usage "--seeds $seeds: not a list of numbers"
[ ${#variants[@]} -gt 0 ] || variants=(latent= 'pooled=--arch pooled' 'pairwise=--arch pairwise' 'local=--local 2' 'sobolev=--sobolev 0.1'
	'epsilon=--parametrization epsilon')
for variant in "${variants[@]}"; do
	[[ $variant =~ ^[A-Za-z0-9._+-]+= ]] || usage "$variant: not NAME=OPTIONS"
done

# What FOLDER holds is of one setting, and the files of one seed of one variant, which begin with FOLDER/NAME-SEED, of one list of options.
keep() {
	[ ! -s "$1" ] || [ "$(<"$1")" = "$2" ] || die "$1: was done with other options ($(<"$1")): give another --dir or NAME"
}
base() { printf %s "$dir/${1%%=*}-$2"; }

setting="$archive --time $time --category '$category' --count $count --points $points"
keep "$dir/setting" "$setting"
for seed in $seeds; do
	for variant in "${variants[@]}"; do keep "$(base "$variant" "$seed").done" "$variant"; done
done
mkdir -p "$dir"
printf '%s\n' "$setting" > "$dir/setting"

learn() {
	local base options
	base=$(base "$@")
	read -ra options <<<"${1#*=}"
	echo "${1%%=*}, seed $2: training" >&2
	"$here/train.sh" -m "$base.model" -t "$time" --seed "$2" ${category:+--category "$category"} --progress never ${verbose:+-v} "$archive" \
		-- --threads 1 "${options[@]}" > "$base.log" && printf '%s\n' "$1" > "$base.done"
}

judge() {
	local base
	base=$(base "$@")
	[ ! -s "$base.tsv" ] || return 0
	"$here/sample.sh" -m "$base.model" -c "$count" -n "$points" --seed "$2" --progress never ${verbose:+-v} -o "$base.mfc"
	mfc-view -q -o "$base.png" --limit 16 --columns 8 "$base.mfc"
	mfc-metric -q --metrics cd --reference "$dir/held-out.mfc" -o "$base.tsv" "$base.mfc"
}

only=${category:+--category ${category@Q}}
run "mfc-load -q --split train --normalize set-std $only -n ${points@Q} -o ${dir@Q}/train.mfc -- ${archive@Q}"
run "mfc-load -q --split test --like ${dir@Q}/train.mfc $only --limit ${count@Q} -n ${points@Q} -o ${dir@Q}/held-out.mfc -- ${archive@Q}"
run "mfc-load -q --shuffle --limit ${count@Q} -n ${points@Q} ${dir@Q}/train.mfc |
	mfc-metric -q --metrics cd --reference ${dir@Q}/held-out.mfc -o ${dir@Q}/real.tsv"
untrained=() failed=''
for seed in $seeds; do
	for variant in "${variants[@]}"; do [ -s "$(base "$variant" "$seed").done" ] || untrained+=("$variant" "$seed"); done
done
export here dir time category archive verbose
export -f learn base
[ ${#untrained[@]} -eq 0 ] || printf '%s\0' "${untrained[@]}" | xargs -0 -n 2 -P "$jobs" bash -c 'learn "$@"' learn || true
for ((i = 0; i < ${#untrained[@]}; i += 2)); do
	[ -s "$(base "${untrained[i]}" "${untrained[i + 1]}").done" ] || failed+="; ${untrained[i]%%=*}, seed ${untrained[i + 1]}"
done
[ -z "$failed" ] || die "not trained: ${failed#; }"
for seed in $seeds; do
	for variant in "${variants[@]}"; do judge "$variant" "$seed"; done
done

# Mean ± standard deviation of the columns that matter, over the files of a variant.
row() {
	local name=$1
	shift
	awk -F'\t' -v name="$name" '
		FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ files++; for (k = 1; k <= 3; k++) { v = $column[key[k]] * scale[k]; sum[k] += v; square[k] += v * v } }
		BEGIN { split("1nna-cd cov-cd mmd-cd", key, " "); split("100 100 1000", scale, " ") }
		END { printf("%s", name); for (k = 1; k <= 3; k++) { m = sum[k] / files; d = files > 1 ? (square[k] - files * m * m) / (files - 1) : 0
			printf("\t%.1f", m); if (files > 1) printf(" ± %.1f", sqrt(d > 0 ? d : 0)) } print "" }' "$@"
}
{
	printf 'variant\t1-NNA-CD %%\tCOV-CD %%\tMMD-CD ×10³\tparameters\tsteps\n'
	for variant in "${variants[@]}"; do
		name=${variant%%=*} files=() logs=()
		for seed in $seeds; do files+=("$dir/$name-$seed.tsv"); logs+=("$dir/$name-$seed.log"); done
		printf '%s\t%s\t%s\n' "$(row "$name" "${files[@]}")" "$(mfc-score show "$dir/$name-${seeds%% *}.model" | sed -n 's/^parameters\t//p')" \
			"$(tail -qn 1 "${logs[@]}" | awk '{ sum += $1 } END { printf("%.0f", sum / NR) }')"
	done
	printf '%s\t\t\n' "$(row 'training shapes' "$dir/real.tsv")"
} > "$dir/table.tsv"
columns < "$dir/table.tsv"
