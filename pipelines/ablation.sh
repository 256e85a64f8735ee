#!/usr/bin/env bash
# ablation.sh [option ...] ARCHIVE [NAME=OPTIONS-OF-MFC-SCORE-TRAIN ...]
#
# Train variants of the network for equal CPU time, generate with each, and compare with held-out shapes: a table with the mean over seeds and
# its spread (standard deviation). Each training has one thread; what is finished is kept and not done again, so a run may be stopped and go on. Without NAME=OPTIONS: latent, pooled, pairwise, local, sobolev, epsilon.
#
#   -d, --dir FOLDER     where everything goes (ablation)
#   -t, --time SECONDS   CPU time of training, each (300)
#       --seeds LIST     seeds ("0 1 2")
#   -j, --jobs COUNT     at once (the processors)
#   -C, --category GLOB  shapes whose label or id matches
#   -c, --count COUNT    clouds to generate and to compare (32)
#   -n, --points POINTS  particles of each (2048)
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
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) if [ -z "$archive" ]; then archive=$1; else variants+=("$1"); fi ;;
	esac
	shift
done
[ -n "$archive" ] || usage "shapes from where? ARCHIVE"
[ -e "$archive" ] || die "$archive: no such file"
[ ${#variants[@]} -gt 0 ] || variants=(latent= 'pooled=--arch pooled' 'pairwise=--arch pairwise' 'local=--local 2' 'sobolev=--sobolev 0.1'
	'epsilon=--parametrization epsilon')
mkdir -p "$dir"
only=${category:+--category ${category@Q}}

# The files of one seed of one variant begin with FOLDER/NAME-SEED.
learn() {
	local name=${1%%=*} seed=$2 base options
	base=$dir/$name-$seed
	[ ! -s "$base.done" ] || return 0
	read -ra options <<<"${1#*=}"
	echo "$name, seed $seed: training" >&2
	"$here/train.sh" -m "$base.model" -t "$time" --seed "$seed" ${category:+--category "$category"} --progress never "$archive" \
		-- --threads 1 "${options[@]}" > "$base.log" && tail -n 1 "$base.log" > "$base.done"
}

judge() {
	local base=$dir/${1%%=*}-$2
	[ ! -s "$base.tsv" ] || return 0
	"$here/sample.sh" -m "$base.model" -c "$count" -n "$points" --seed "$2" --progress never -o "$base.mfc"
	mfc-view -q -o "$base.png" --limit 16 --columns 8 "$base.mfc"
	mfc-metric -q --metrics cd --reference "$dir/held-out.mfc" -o "$base.tsv" "$base.mfc"
}

run "mfc-load -q --split train --normalize set-std $only -n ${points@Q} -o ${dir@Q}/train.mfc ${archive@Q}"
run "mfc-load -q --split test --like ${dir@Q}/train.mfc $only --limit ${count@Q} -n ${points@Q} -o ${dir@Q}/held-out.mfc ${archive@Q}"
run "mfc-load -q --shuffle --limit ${count@Q} -n ${points@Q} ${dir@Q}/train.mfc |
	mfc-metric -q --metrics cd --reference ${dir@Q}/held-out.mfc -o ${dir@Q}/real.tsv"
status=0
for seed in $seeds; do
	for variant in "${variants[@]}"; do
		while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || status=1; done
		learn "$variant" "$seed" &
	done
done
while [ -n "$(jobs -p)" ]; do wait -n || status=1; done
[ "$status" = 0 ] || die "a training failed"
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
		name=${variant%%=*} files=() models=()
		for seed in $seeds; do files+=("$dir/$name-$seed.tsv"); models+=("$dir/$name-$seed.log"); done
		printf '%s\t%s\t%s\n' "$(row "$name" "${files[@]}")" "$(mfc-score show "$dir/$name-${seeds%% *}.model" | sed -n 's/^parameters\t//p')" \
			"$(tail -qn 1 "${models[@]}" | awk '{ sum += $1 } END { printf("%.0f", sum / NR) }')"
	done
	printf '%s\t\t\n' "$(row 'training shapes' "$dir/real.tsv")"
} | tee "$dir/table.tsv"
