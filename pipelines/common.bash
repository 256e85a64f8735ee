# What the pipelines share. Sourced, not run.

set -euo pipefail
export LC_ALL=C   # numbers have a point, in awk too
name=${0##*/}
verbose=

die() { echo "$name: $*" >&2; exit 1; }
usage() { echo "$name: $*" >&2; echo "Try '$name --help'." >&2; exit 2; }

# The comment at the head of a script is its help.
help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0; }

# The value of an option: the next argument.
value() { [ $# -ge 2 ] || usage "$1: a value is missing"; printf %s "$2"; }
# The same where it is to be a number from 1, which the script itself counts with.
count() { value "$@" >/dev/null; [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || usage "$1 $2: not a number from 1"; printf %s "$2"; }

# The stages of a pipeline given as text, by their programs' names, a line each. Quoted words hold no stage.
stages() {
	tr '\n\t' '  ' <<<"$1" | sed "s/'[^']*'//g" | tr '|' '\n' |
		sed -E 's/^ *//; s/^(mfc-[a-z]+ [a-z]+|[^ ]+) .*/\1/'
}

# Run a pipeline given as text, printed first under -v. A stage before the last may end by SIGPIPE: the last one had enough. Of several stages that
# fail the first was killed or found the error: those before it end by SIGPIPE, those behind it see a stream that is cut short.
run() {
	[ -z "$verbose" ] || printf '%s\n' "$1" >&2
	local status i failed='' last names
	eval "$1"' && status=(0) || status=("${PIPESTATUS[@]}")'
	last=$((${#status[@]} - 1))
	for i in "${!status[@]}"; do
		[ "${status[i]}" != 0 ] || continue
		[ "${status[i]}" != 141 ] || [ "$i" = "$last" ] || continue
		: "${failed:=$i}"
		[ "${status[i]}" -le 128 ] || [ "${status[i]}" = 141 ] || { failed=$i; break; }
	done
	[ -n "$failed" ] || return 0
	i=${status[failed]}
	mapfile -t names < <(stages "$1")
	if [ "$i" -gt 128 ] && [ "$i" != 141 ]; then
		echo "$name: ${names[failed]} (stage $((failed + 1)) of $((last + 1))): killed by signal $((i - 128))" >&2
	elif [ "$last" -gt 0 ] && [ "$i" != 141 ]; then
		echo "$name: ${names[failed]} (stage $((failed + 1)) of $((last + 1))): failed" >&2
	fi
	return "$i"
}

# The options that denoise.sh, upsample.sh and vary.sh share, and their paths; taken: how many words this one was.
# shellcheck disable=SC2034   # the variables are those of the script
shape_option() {
	taken=2
	case $1 in
		-m | --model) model=$(value "$@") ;;
		--steps) steps=$(value "$@") ;;
		-s | --seed) seed=$(value "$@") ;;
		-o | --output) output=$(value "$@") ;;
		--progress) progress=$(value "$@") ;;
		--fit) fit=1 taken=1 ;;
		-v | --verbose) verbose=1 taken=1 ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) paths+=("$1") taken=1 ;;
	esac
}
shape_options_end() {
	[ -n "$model" ] || usage "which model? -m MODEL"
	[ ${#paths[@]} -gt 0 ] || usage "which shapes? PATH ..."
}

# The options that all experiments share; taken: how many words this one was.
# shellcheck disable=SC2034   # the variables are those of the script
experiment_option() {
	taken=2
	case $1 in
		-d | --dir) dir=$(value "$@") ;;
		-s | --seed) seed=$(value "$@"); [[ $seed =~ ^(0|[1-9][0-9]{0,8})$ ]] || usage "$1 $seed: not a number" ;;
		--quick) quick=1 taken=1 ;;
		-v | --verbose) verbose=1 taken=1 ;;
		-h | --help) help ;;
		-?*) usage "$1: no such option" ;;
		*) usage "takes no file: $1" ;;
	esac
}

# The command that loads shapes for a model: in the units of its data or, with fit not empty, each by itself; points empty: as they are.
load_as() {
	local how="--like ${1@Q}"
	[ -z "$2" ] || how='--normalize cloud-std'
	printf 'mfc-load %s %s' "$how" "$([ -n "$3" ] && printf -- '-n %q' "$3" || echo --sample all)"
}

# A table with tabs on standard input as columns: the first to the left, the others to the right. Widths are of UTF-8.
columns() {
	awk -F'\t' '
		function pad(text, to) { gsub(/[\200-\277]/, "", text); return sprintf("%*s", to - length(text), "") }
		{ line[NR] = $0; for (i = 1; i <= NF; i++) { text = $i; gsub(/[\200-\277]/, "", text); if (length(text) > width[i]) width[i] = length(text) } }
		END { for (r = 1; r <= NR; r++) { n = split(line[r], cell, "\t")
			for (i = 1; i <= n; i++) printf("%s", i == 1 ? cell[i] pad(cell[i], width[i]) : "  " pad(cell[i], width[i]) cell[i])
			print "" } }'
}

# rate TABLE X Y NAME THEORY: a line of what was fitted: the slope of ln y over ln x by least squares, of these columns of a table without its first
# line, its standard error (nan of two points), and what theory says.
rate() {
	awk -F'\t' -v X="$2" -v Y="$3" -v name="$4" -v theory="$5" '
		NR > 1 && $Y > 0 { n++; x = log($X); y = log($Y); sx += x; sy += y; xx += x * x; xy += x * y; yy += y * y }
		END { q = xx - sx * sx / n; b = (xy - sx * sy / n) / q; r = yy - sy * sy / n - b * b * q
			printf("%s\t%.3f\t%s\t%s\n", name, b, n > 2 ? sprintf("%.3f", sqrt(r > 0 ? r / q / (n - 2) : 0)) : "nan", theory) }' "$1"
}

# Filters beside the script's folder when they are not in PATH: bin/ of a source tree.
command -v mfc-load >/dev/null || PATH=$(cd "$(dirname "$0")/../bin" 2>/dev/null && pwd || echo .):$PATH
command -v mfc-load >/dev/null || die "mfc-load is not in PATH: run make first"
