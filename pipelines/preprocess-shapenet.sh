#!/usr/bin/env bash
# preprocess-shapenet.sh [option ...] PATH ...
#
# From archives or folders as they are distributed (ShapeNetCore, its part annotations, PC15k, ModelNet, or any other) to train.mfc, val.mfc and
# test.mfc, as training and evaluation want them. A shape's part is what a list, its path or the data set's all.csv says, or else a matter of
# its name's hash. Run again after an interruption, with the same options, it goes on where it stopped; what is complete is left as it is.
# A part that the data set lacks (ModelNet's val) is said and not made. At the end: the clouds of each category in each file.
# Training holds its shapes in memory, 12 bytes a particle, up to mfc-load's --cache.
#
#   -o, --output FOLDER       where the files go (.)
#   -n, --points POINTS       particles of each cloud (15000)
#   -c, --category GLOB       shapes whose label or id matches; may be repeated
#       --split-file [NAME=]FILE   a list of models and their parts, or of those of one (mfc-load(1)); may be repeated
#       --split-shares A:B:C  of train, val and test where nothing says the part (70:10:20)
#       --together ERE        keep shapes together in one part where this expression, or what is in its first parentheses, matches the same text
#                             in their names, or else in the nearest folder's: the part of the first that a list or path places,
#                             or one by the text's hash. FOLDER/parts.tsv is the list of it
#       --normalize HOW       set-std (default: one center and scale, the training part's, for all three), none, cloud-sphere, …
#       --sample HOW          area (default), poisson, vertices or all
#       --normals             the surface's normals, too
#   -@, --threads N           threads (the processors there are)
#   -s, --seed N              seed (0)
#   -v, --verbose             print the pipeline
#   -h, --help                print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

out=. points=15000 shares=70:10:20 together='' normalize=set-std sample=area normals='' threads='' seed=0
paths=() lists=() categories=()
while [ $# -gt 0 ]; do
	case $1 in
		-o | --output) out=$(value "$@"); shift ;;
		-n | --points) points=$(value "$@"); shift ;;
		-c | --category) categories+=("$(value "$@")"); shift ;;
		--split-file) lists+=("$(value "$@")"); shift ;;
		--split-shares) shares=$(value "$@"); shift ;;
		--together) together=$(value "$@"); shift ;;
		--normalize) normalize=$(value "$@"); shift ;;
		--sample) sample=$(value "$@"); shift ;;
		--normals) normals=1 ;;
		-@ | --threads) threads=$(value "$@"); shift ;;
		-s | --seed) seed=$(value "$@"); shift ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		--) shift; paths+=("$@"); break ;;
		-) usage "-: what is read must be a file or a folder, for it is read more than once" ;;
		-?*) usage "$1: no such option" ;;
		*) paths+=("$1") ;;
	esac
	shift
done
[ ${#paths[@]} -gt 0 ] || usage "of which data? PATH ..."
[[ $shares =~ ^[0-9.]+:[0-9.]+:[0-9.]+$ ]] || usage "--split-shares $shares: not TRAIN:VAL:TEST, such as 70:10:20"
[[ '' =~ $together ]] || [ $? -lt 2 ] || usage "--together $together: no regular expression"
out=${out%/}/   # as it is written does not matter to what goes on after an interruption

options="-n ${points@Q} --sample ${sample@Q} --seed ${seed@Q}${normals:+ --normals}${threads:+ --threads ${threads@Q}}"
for category in "${categories[@]}"; do options+=" --category ${category@Q}"; done
for list in "${lists[@]}"; do options+=" --split-file ${list@Q}"; done

# The shapes' ids, labels, parts and paths, by their names alone.
list() { run "mfc-load --list --normalize ${normalize@Q} $options --split-shares ${1@Q} -- ${paths[*]@Q}"; }

# Standard input: part ("?": none yet), group, id. Standard output: a list of the parts of those without one, which is that of another of the group,
# or by a hash of the group's name.
place() {
	LC_ALL=C awk -F'\t' -v OFS='\t' -v shares="$shares" '
		function chance(name, h, i) {   # 0 to 1, by the multiplicative generator of Park and Miller
			for (i = 1; i <= length(name); i++) h = (h + code[substr(name, i, 1)]) * 16807 % 2147483647
			for (i = 0; i < 4; i++) h = h * 16807 % 2147483647
			return h / 2147483647
		}
		function part(group, u) {
			u = chance(group, 1) * (share[1] + share[2] + share[3])
			return u < share[1] ? "train" : u < share[1] + share[2] ? "val" : "test"
		}
		BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i; split(shares, share, ":") }
		$1 != "?" { if (!($2 in known)) known[$2] = $1; next }
		{ group[++n] = $2; gsub(/"/, "\"\"", $3); id[n] = "\"" $3 "\"" }
		END { if (n) print "model", "split"; for (i = 1; i <= n; i++) print id[i], group[i] in known ? known[group[i]] : part(group[i]) }'
}

# Make parts.tsv. Shapes that nothing but chance gives a part are those whose part changes with the shares.
keep_together() {
	local first last part id rest list=${out}parts.tsv
	first=$(list 1:0:0)
	last=$(list 0:0:1 2>/dev/null)
	mkdir -p "$out"
	paste <(cat <<<"$first") <(cat <<<"$last") | awk -F'\t' -v OFS='\t' 'NF == 8 { print $3 == $7 && $3 != "" ? $3 : "?", $1 }' |
		while IFS=$'\t' read -r part id; do
			rest=$id
			until [[ -z $rest || ( ${rest##*/} =~ $together && -n ${BASH_REMATCH[0]} ) ]]; do [[ $rest == */* ]] && rest=${rest%/*} || rest=; done
			if [ -n "$rest" ]; then rest=${BASH_REMATCH[1]:-${BASH_REMATCH[0]}}; else rest=$id; fi   # one that is of no group is its own
			printf '%s\t%s\t%s\n' "$part" "$rest" "$id"
		done | place > "$list.new"
	if [ -e "$list" ] && ! cmp -s "$list" "$list.new"; then
		rm "$list.new"
		die "$list: was made for other shapes or shares: remove it and the files beside it, or choose another folder"
	fi
	if [ -s "$list.new" ]; then
		sync "$list.new"
		mv "$list.new" "$list"
		options+=" --split-file ${list@Q}"
	else
		rm "$list.new"
	fi
}

# Clouds of each category in the files that were made.
table() {
	local part
	for part; do
		mfc-load --list "$out$part.mfc" | awk -F'\t' -v OFS='\t' -v part="$part" '{ print $2 == "" ? "-" : $2, part }'
	done | LC_ALL=C sort | awk -F'\t' -v OFS='\t' '
		function row(name, of) { print name, of["train"] + 0, of["val"] + 0, of["test"] + 0 }
		BEGIN { print "category", "train.mfc", "val.mfc", "test.mfc" }
		NR == 1 || $1 != label { if (NR > 1) row(label, n); split("", n); label = $1; categories++ }
		{ n[$2]++; all[$2]++ }
		END { row(label, n); row("all " categories, all) }' | columns
}

[ -z "$together" ] || keep_together
parts=$(list "$shares" | cut -f 3 | sort -u)
made=()
mkdir -p "$out"
train=${out}train.mfc
for part in train val test; do
	how="--normalize ${normalize@Q}"
	if ! grep -qx "$part" <<<"$parts"; then
		[ ! -e "$out$part.mfc" ] || die "$out$part.mfc: exists, but no shape of these is of that part"
		[ "$part $normalize" != "train set-std" ] || die "no shape is of the part train, whose center and scale all are to have"
		echo "$name: no shape is of the part $part: no $part.mfc" >&2
		continue
	fi
	[ "$part $normalize" = "train set-std" ] || [ "$normalize" != set-std ] || how="--like ${train@Q}"
	file=$out$part.mfc
	run "mfc-load --resume ${file@Q} --split $part $how $options --split-shares ${shares@Q} -- ${paths[*]@Q}"
	made+=("$part")
done
table "${made[@]}"
