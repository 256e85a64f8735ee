#!/usr/bin/env bash
# scaling.sh [-m MODEL] [option ...] [ARCHIVE]
#
# What a cloud of N particles costs each filter, N from 10^3 to 10^6: time, memory, and the exponents of N. About as many particles go into each run,
# in one cloud or in many, so that what a program takes to start is the same small share. Without MODEL and ARCHIVE: those in fixtures/.
#   scaling.tsv  by filter and N: clouds of the run, of train steps; of each, seconds of processor time, user and system, and of the
#                clock; and the peak memory of a run on one, MiB, for sample all its processes together
#   filters: load (of a mesh), noise, branch (to N), denoise (the whole way in 4 steps), train (a step on a cloud, with a local term), sample
#   (sample.sh --quality draft), cd (of clouds and one other), chaos (mfc-metric)
#
#   -m, --model FILE     the model
#   -d, --dir FOLDER     where everything goes (scaling)
#       --quick          a smoke run of seconds: few particles
#       --filters "F .." only these
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"
here=$(cd "$(dirname "$0")" && pwd)

dir=scaling quick='' seed=0 model=$here/../fixtures/airplanes.mfc archive=$here/../fixtures/airplanes.zip
wanted='load noise branch denoise train sample cd chaos'
while [ $# -gt 0 ]; do
	case $1 in
		-m | --model) model=$(value "$@"); shift 2 ;;
		--filters) wanted=$(value "$@"); shift 2 ;;
		-?*) experiment_option "$@"; shift "$taken" ;;
		*) archive=$1; shift ;;
	esac
done
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
[ -e "$model" ] || usage "which model? -m MODEL"
[ -e "$archive" ] || die "$archive: no such file"
mkdir -p "$dir"
export LC_ALL=C TIMEFORMAT='%U %S %R'
# Particles of a run that suffice to be timed, and the largest N: training keeps 14 kB a particle for the way back.
declare -A total=([load]=4000000 [noise]=4000000 [branch]=4000000 [denoise]=400000 [train]=100000 [sample]=100000 [cd]=4000000 [chaos]=400000)
declare -A most=([train]=100000)
sizes=(1000 3162 10000 31623 100000 316228 1000000)
for f in $wanted; do [ -n "${total[$f]-}" ] || usage "--filters: $f is none of them"; done
[ -z "$quick" ] || { sizes=(1000 3162 10000); for f in "${!total[@]}"; do total[$f]=$((total[$f] / 20)); done; }

# load N CLOUDS [SEED]: such clouds of a shape, in the model's units
load() { echo "mfc-load -q --limit 1 --epochs $2 -n $1 --like ${model@Q} --seed ${3-$seed} ${archive@Q}"; }
# prepare FILTER N CLOUDS: what it reads
prepare() {
	case $1 in
		noise | chaos) run "$(load "$2" "$3") > ${dir@Q}/input.mfc" ;;
		branch) run "$(load $(($2 / 4)) "$3") | mfc-noise -q --to 0.5 > ${dir@Q}/input.mfc" ;;
		denoise) run "mfc-noise prior -q -m ${model@Q} -n $2 -c $3 --seed ${seed@Q} > ${dir@Q}/input.mfc" ;;
		train) run "$(load "$2" "$3") | mfc-subdivide split -q --levels 0:$2:1 | mfc-noise -q --seed ${seed@Q} > ${dir@Q}/input.mfc" ;;
		cd) run "$(load "$2" "$3") > ${dir@Q}/input.mfc && $(load "$2" 1 $((seed + 1))) > ${dir@Q}/other.mfc" ;;
	esac
}
# command FILTER N CLOUDS
command_of() {
	case $1 in
		load) load "$2" "$3" ;;
		noise) echo "mfc-noise -q --to 0.5 --seed ${seed@Q} ${dir@Q}/input.mfc" ;;
		branch) echo "mfc-subdivide branch -q --to $2 --seed ${seed@Q} ${dir@Q}/input.mfc" ;;
		denoise) echo "mfc-score denoise -q -m ${model@Q} --steps 4 --seed ${seed@Q} ${dir@Q}/input.mfc" ;;
		train) echo "mfc-score train -q -m ${dir@Q}/trained.mfc --steps $3 --local 1.5,3 --seed ${seed@Q} ${dir@Q}/input.mfc" ;;
		sample) echo "${here@Q}/sample.sh -m ${model@Q} -n $2 -c $3 --quality draft --seed ${seed@Q} --progress never" ;;
		cd) echo "mfc-metric pairs -q --metrics cd --reference ${dir@Q}/other.mfc ${dir@Q}/input.mfc" ;;
		chaos) echo "mfc-metric chaos -q ${dir@Q}/input.mfc" ;;
	esac
}
# clock COMMAND: seconds of processor time and of the clock, and MiB. Every filter in it says how it was, by -v; its text stays as it is.
clock() (
	[ -z "$verbose" ] || printf '%s\n' "$1" >&2
	local f
	for f in mfc-load mfc-noise mfc-subdivide mfc-score mfc-metric; do
		eval "$f() { command $f \"\$@\" -v; }"
		export -f "${f?}"
	done
	{ time run "$1" > /dev/null 2> "$dir/said.txt"; } 2> "$dir/time.txt" || { cat "$dir/said.txt" >&2; exit 1; }
	awk -v OFS='\t' '
		FNR == NR { seconds = $1 + $2; clock = $3; next } / peak memory / && !/ plan: / { mib += $(NF - 1) }
		END { print seconds, clock, mib }' "$dir/time.txt" "$dir/said.txt"
)

printf 'filter\tN\tclouds\tseconds\tclock\tMiB\n' > "$dir/scaling.tsv"
for filter in $wanted; do
	for n in "${sizes[@]}"; do
		[ "$n" -le "${most[$filter]-1000000}" ] || continue
		clouds=$((total[$filter] / n))
		[ "$clouds" -gt 1 ] || clouds=1
		prepare "$filter" "$n" "$clouds"
		one=$(clock "$(command_of "$filter" "$n" "$clouds")")
		all=$one
		[ "$clouds" = 1 ] || { prepare "$filter" "$n" 1; one=$(clock "$(command_of "$filter" "$n" 1)"); }
		printf '%s\t%s\n' "$all" "$one" | awk -F'\t' -v OFS='\t' -v f="$filter" -v n="$n" -v c="$clouds" '{ print f, n, c, $1 / c, $2 / c, $6 }' >> "$dir/scaling.tsv"
	done
done

# rows FILTER COLUMN: the table of N and a column, of the filter, without its smallest N; of MiB, what is beyond that one's, from 4 on, and N likewise.
rows() {
	awk -F'\t' -v OFS='\t' -v f="$1" -v column="$2" '
		NR == 1 { print $2, $column; next } $1 != f { next } !n { n = $2; least = $6; next }
		column != 6 { print $2, $column } column == 6 && $6 - least >= 4 { print $2 - n, $6 - least }' "$dir/scaling.tsv" > "$dir/rows.tsv"
	[ "$(wc -l < "$dir/rows.tsv")" -gt 2 ]
}
{
	printf 'what\trate\terror\ttheory\n'
	for filter in $wanted; do
		for column in 4:seconds 6:MiB; do
			! rows "$filter" "${column%:*}" || rate "$dir/rows.tsv" 1 2 "$filter, ${column#*:}" 1
		done
	done
} > "$dir/rates.tsv"
gnuplot <<END_OF_PLOT
set terminal pngcairo size 1300,520 font ',10'
set output '$dir/scaling.png'
set multiplot layout 1,2
set logscale xy; set format '10^{%T}'; set xlabel 'N'; set xrange [${sizes[0]} / 1.3 : ${sizes[-1]} * 1.3]; set key top left; filters = '$wanted'
array color[9] = [ '#9400d3', '#009e73', '#56b4e9', '#e69f00', '#d55e00', '#000000', '#0072b2', '#8b4513', '#808080' ]
own(f) = sprintf("< awk -F'\t' '\$1 == \"%s\"' '$dir/scaling.tsv'", f)
set title 'seconds of processor time a cloud'
plot for [i = 1:words(filters)] own(word(filters, i)) using 2:4 with linespoints linecolor rgb color[i] pointtype i title word(filters, i), \
	x * 1e-8 with lines dashtype 2 linecolor 'gray' title 'N'
set title 'peak memory, MiB'; set yrange [1:*]; unset key
plot for [i = 1:words(filters)] own(word(filters, i)) using 2:6 with linespoints linecolor rgb color[i] pointtype i title word(filters, i), \
	x * 1e-4 with lines dashtype 2 linecolor 'gray' title 'N'
END_OF_PLOT
rm -f "$dir"/*.mfc "$dir"/{said.txt,time.txt,rows.tsv}
columns < "$dir/rates.tsv"
