#!/usr/bin/env bash
# evaluate.sh -r REFERENCE.mfc [option ...] [NAME=]CLOUDS.mfc ...
#
# Print a table of the field's set metrics (mfc-metric), a row for each set of clouds against the reference.
#
#   -r, --reference FILE  the clouds to compare with
#       --metrics LIST    of cd, emd, jsd (all)
#       --points K        compare random subsets of K points
#       --normalize HOW   of both sides (none)
#       --convention NAME mfc, pointflow, dpm or pvd: whose definitions (mfc)
#       --bootstrap B     standard errors, from B samples of the clouds
#       --by-label        a row for each label too
#       --tsv             tabs instead of columns
#       --progress WHEN   auto, always or never
#   -v, --verbose         print the pipelines
#   -h, --help            print this

# shellcheck source-path=SCRIPTDIR source=common.bash
. "$(dirname "$0")/common.bash"

reference='' options='' tsv='' rows=()
while [ $# -gt 0 ]; do
	case $1 in
		-r | --reference) reference=$(value "$@"); shift ;;
		--metrics | --points | --normalize | --convention | --bootstrap | --progress) v=$(value "$@"); options+=" $1=${v@Q}"; shift ;;
		--by-label) options+=" $1" ;;
		--tsv) tsv=1 ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) rows+=("$1") ;;
	esac
	shift
done
[ -n "$reference" ] || usage "compare with what? -r REFERENCE.mfc"
[ ${#rows[@]} -gt 0 ] || usage "evaluate what? CLOUDS.mfc ..."

table() {
	local row file label head=
	for row; do
		file=${row#*=}
		label=${row%%=*}
		[ ! -e "$row" ] || file=$row label=$row   # a name may have a =
		run "mfc-metric --reference ${reference@Q}$options ${file@Q}" > "$result" || return
		[ -n "$head" ] || { head=1; printf 'set\t%s\n' "$(head -n 1 "$result")"; }
		tail -n +2 "$result" | while IFS= read -r line; do printf '%s\t%s\n' "$label" "$line"; done
	done
}

result=$(mktemp)
trap 'rm -f "$result"' EXIT
if [ -n "$tsv" ]; then
	table "${rows[@]}"
else
	lines=$(table "${rows[@]}")
	columns <<<"$lines"
fi
