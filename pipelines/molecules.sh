#!/usr/bin/env bash
# molecules.sh [option ...] ARCHIVE ...
#
# Molecules as clouds: each atom is a particle at x, y, z, and its element diffuses with it, as a coordinate for each element that occurs (one-hot, as
# in Hoogeboom et al. 2022). A network learns from whole molecules, turned at random, and makes as many as are held out; N is drawn from those of
# training. The archives hold rows x, y, z, Z (NPY or text, in angstrom). Beside the generated ones: training, as many molecules of that part, which
# is what sampling alone leaves; and shuffled, those held out with their elements exchanged at random among their atoms.
#   molecules.tsv     per set: atoms, distance to the nearest atom, its Kolmogorov-Smirnov and W1 distance to that of those held out; shares of atoms
#                     that are bonded (to the nearest one, in a distance of 0.8 to 1.2 times the sum of the covalent radii) and of hydrogens with
#                     exactly one such neighbour
#   elements.tsv      per set, the shares of the elements
#   pairs.tsv         per set and pair of elements, an atom's and that of its nearest: share, and the mean and deviation of the distance
#   nearest.tsv       densities of the distance to the nearest atom, which the plot shows
#
#   -d, --dir FOLDER     where everything goes (molecules)
#       --quick          a smoke run of seconds: few molecules, few steps
#   -c, --category GLOB  molecules whose label or id matches
#       --scale A        the one of one-hot, in angstrom (1)
#       --steps COUNT    of training (6000)
#   -s, --seed N         seed (0)
#   -v, --verbose        print the pipelines
#   -h, --help           print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

dir=molecules quick='' category='*' scale=1 steps='' seed=0 paths=()
while [ $# -gt 0 ]; do
	case $1 in
		-c | --category) category=$(value "$@"); shift 2 ;;
		--scale) scale=$(value "$@"); shift 2 ;;
		--steps) steps=$(count "$@"); shift 2 ;;
		-?*) experiment_option "$@"; shift "$taken" ;;
		*) paths+=("$1"); shift ;;
	esac
done
[ ${#paths[@]} -gt 0 ] || usage "which molecules? ARCHIVE ..."
command -v gnuplot >/dev/null || die "gnuplot is not in PATH"
network=(--width 32 --latents 16 --latent-width 64 --embed 64 --blocks 3) evaluations=100 limit=600
[ -z "$quick" ] || network=(--width 16 --latents 4 --latent-width 16 --embed 16 --blocks 1) steps=${steps:-20} evaluations=10 limit=20
: "${steps:=6000}"
mkdir -p "$dir"

# atoms FILE: of the clouds in a stream, a line for each atom: molecule, x, y, z, Z.
atoms() {
	rm -rf "${dir:?}/set"
	run "mfc-save -q -f csv -o ${dir@Q}/set/ ${1@Q}"
	find "$dir/set" -name '*.csv' | LC_ALL=C sort |
		awk '{ m++; while ((getline line < $0) > 0) if (split(line, x, ",") == 4 && x[4] ~ /^[0-9]/) print m, x[1], x[2], x[3], x[4]; close($0) }'
}

# measure NAME: of atoms on standard input, the rows of each table. Covalent radii: Cordero et al. 2008.
measure() {
	awk -v OFS='\t' -v name="$1" -v elements="$elements" -v sums="$dir/sums" -v shares="$dir/elements.tsv" '
		BEGIN {
			split("1 H .31 5 B .84 6 C .76 7 N .71 8 O .66 9 F .57 14 Si 1.11 15 P 1.07 16 S 1.05 17 Cl 1.02 35 Br 1.20 53 I 1.39", t, " ")
			for (i = 1; i in t; i += 3) { symbol[t[i]] = t[i + 1]; radius[t[i]] = t[i + 2] }
		}
		function molecule(   i, j, k, near, best, d, bonds) {
			for (i = 1; i <= n && n > 1; i++) {
				best = -1
				bonds = 0
				for (j = 1; j <= n; j++) if (j != i) {
					d = sqrt((x[i] - x[j]) ^ 2 + (y[i] - y[j]) ^ 2 + (z[i] - z[j]) ^ 2)
					if (best < 0 || d < best) { best = d; near = j }
					bonds += bonded(d, i, j)
				}
				bond += bonded(best, i, near)
				if (e[i] == 1) { hydrogens++; single += bonds == 1 }
				print best, symbol[e[i]] "-" symbol[e[near]]
			}
			atoms += n
			if (n) molecules++
			n = 0
		}
		function bonded(d, i, j,   r) { r = radius[e[i]] + radius[e[j]]; return d > 0.8 * r && d < 1.2 * r }
		$1 != last { molecule(); last = $1 }
		{
			if (!($5 in radius)) { print "element " $5 ": its covalent radius is not known here" > "/dev/stderr"; failed = 1; exit 1 }
			count[$5 + 0]++
			n++; x[n] = $2; y[n] = $3; z[n] = $4; e[n] = $5 + 0
		}
		END {
			if (failed) exit 1
			molecule()
			printf("%d\t%d\t%.4f\t%.4f\n", molecules, atoms, bond / atoms, hydrogens ? single / hydrogens : 0) > sums
			k = split(elements, of, ",")
			for (i = 1; i <= k; i++) print name, symbol[of[i]], sprintf("%.4f", count[of[i]] / atoms) >> shares
		}' > "$dir/near"
	cut -f1 "$dir/near" | LC_ALL=C sort -g > "$dir/distances"
	[ -e "$dir/true" ] || cp "$dir/distances" "$dir/true"
	# KS and W1: between and over the steps of both distribution functions.
	{ sed 's/$/ 0/' "$dir/true"; sed 's/$/ 1/' "$dir/distances"; } | LC_ALL=C sort -g |
		awk -v OFS='\t' -v name="$1" -v n0="$(wc -l < "$dir/true")" -v n1="$(wc -l < "$dir/distances")" -v sums="$(cat "$dir/sums")" '
		NR > 1 && $1 != last { d = k[0] / n0 - k[1] / n1; if (d < 0) d = -d; if (d > ks) ks = d; w1 += d * ($1 - last) }
		{ k[$2]++; last = $1; if ($2) s += $1 }
		END { split(sums, c, "\t"); print name, c[1], c[2], sprintf("%.4f\t%.4f\t%.4f", s / n1, ks, w1), c[3], c[4] }' >> "$dir/molecules.tsv"
	awk -v OFS='\t' -v name="$1" '
		{ n[$2]++; s[$2] += $1; q[$2] += $1 * $1 }
		END { for (p in n) { m = s[p] / n[p]; v = q[p] / n[p] - m * m; print name, p, sprintf("%.4f\t%.3f\t%.3f", n[p] / NR, m, sqrt(v > 0 ? v : 0)) } }' \
		"$dir/near" | LC_ALL=C sort >> "$dir/pairs.tsv"
	awk -v OFS='\t' -v name="$1" '
		{ h[int($1 * 40)]++ } END { for (i = 0; i < 80; i++) print name, (i + 0.5) / 40, sprintf("%.4f", h[i] * 40 / NR) }' "$dir/near" >> "$dir/nearest.tsv"
}

load="mfc-load -q --sample all"
from="-c ${category@Q} -- ${paths[*]@Q}"
run "$load --one-hot 4:$(seq -s, 118) -o ${dir@Q}/all.mfc $from"   # which elements are there? As mfc-save has them
elements=$(atoms "$dir/all.mfc" | awk '{ print $5 }' | sort -nu | paste -sd,)
run "$load --split train --center --one-hot 4:$elements:${scale@Q} --normalize set-std -o ${dir@Q}/train.mfc $from"
run "$load --split test --like ${dir@Q}/train.mfc --center --shuffle --limit $limit --seed ${seed@Q} -o ${dir@Q}/held.mfc $from"
run "$load --shuffle --limit $limit --seed ${seed@Q} -o ${dir@Q}/training.mfc ${dir@Q}/train.mfc"

printf 'set\tmolecules\tatoms\tnearest\tks\tw1\tbonded\thydrogen\n' > "$dir/molecules.tsv"
printf 'set\telement\tshare\n' > "$dir/elements.tsv"
printf 'set\tpair\tshare\tmean\tdeviation\n' > "$dir/pairs.tsv"
printf 'set\tdistance\tdensity\n' > "$dir/nearest.tsv"
rm -f "$dir/true"
atoms "$dir/held.mfc" > "$dir/held"
measure held-out < "$dir/held"
atoms "$dir/training.mfc" > "$dir/training"
measure training < "$dir/training"
awk '{ a = 48271 * (a + (NR == 1)) % 2147483647; print a, $5 }' "$dir/held" | LC_ALL=C sort -n | awk '{ print $2 }' | paste -d' ' <(cut -d' ' -f1-4 "$dir/held") - |
	measure shuffled

run "mfc-load -q --sample all --shuffle --epochs 0 --augment mirror:x,rotate:x:180,rotate:y:180,rotate:z:180 --seed ${seed@Q} ${dir@Q}/train.mfc |
	mfc-noise -q --seed ${seed@Q} |
	mfc-score train -m ${dir@Q}/model.mfc --steps ${steps@Q} --levels 0:32:32 --seed ${seed@Q} ${network[*]}" > "$dir/log.tsv"
first=1
awk '{ n[$1]++ } END { for (m in n) print n[m] }' "$dir/training" | sort -n | uniq -c | while read -r count n; do
	run "mfc-noise prior -q -m ${dir@Q}/model.mfc -n $n -c $count --first $first --seed ${seed@Q}"
	first=$((first + count))
done |
	run "mfc-score denoise -m ${dir@Q}/model.mfc --context 100k --steps $evaluations --last 0.005 --seed ${seed@Q} -o ${dir@Q}/generated.mfc"
atoms "$dir/generated.mfc" | measure generated

gnuplot <<END_OF_PLOT
set terminal pngcairo size 1200,450 font ',10'
set output '$dir/molecules.png'
set multiplot layout 1,2
set datafile separator '\t'
of(set, value) = strcol(1) eq set ? value : NaN
set xlabel 'distance to the nearest atom, angstrom'; set ylabel 'density'; set key top left; set logscale y; set yrange [0.01:100]
plot for [set in 'held-out training generated'] '$dir/nearest.tsv' skip 1 using (of(set, \$2)):(\$3 > 1e-3 ? \$3 : 1e-3) with lines lw (set eq 'held-out' ? 3 : 1.5) title set
unset logscale; set yrange [0:*]; set key top right
set style data histograms; set style fill solid 0.6; set ylabel 'share of atoms'; set xlabel 'element'
plot for [set in 'held-out training generated'] "< awk -F'\t' '\$1 == \"".set."\"' '$dir/elements.tsv'" using 3:xtic(2) title set
END_OF_PLOT
rm -rf "${dir:?}"/{set,all.mfc,train.mfc,held.mfc,training.mfc,held,training,true,near,distances,sums}
columns < "$dir/molecules.tsv"
