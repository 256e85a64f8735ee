# The pages: correct mdoc, and the commands in their EXAMPLES do what they say they do.
bats_require_minimum_version 1.5.0
load common
setup() { common_setup; }

# What the examples work on: airplanes.zip as it is distributed, two sets of clouds, a tiny model of the default levels.
setup_file() {
	common_path
	PATH=$PATH:$ROOT/pipelines   # of those in mfc-experiments(7)
	cd "$BATS_FILE_TMPDIR" || return
	cp "$FIXTURES/airplanes.zip" . || return
	mfc-load --split train --normalize set-std -n 2048 --limit 8 airplanes.zip >train.mfc
	mfc-load --split test --like train.mfc -n 2048 --limit 8 airplanes.zip >test.mfc
	mfc-load --normalize set-std -n 512 --shuffle --epochs 2 -s 1 airplanes.zip | mfc-subdivide split | mfc-noise |
		mfc-score train -m model.mfc --steps 2 --width 16 --latents 4 --latent-width 16 --embed 16 --heads 2 --blocks 1 >train.tsv
}

lint() {
	run mandoc -Tlint -Wwarning "$ROOT/man/$1"
	assert_success
	assert_output ''
}

# The commands of a page's EXAMPLES: lines of literal blocks that begin with "$ ", with those that follow with "> ". Rendered first, so that
# escapes are what a reader sees.
commands() {
	mandoc -Tascii -O width=400 "$ROOT/man/$1" | sed 's/.\x08//g' | awk '
		/^[A-Z]/ { inside = /^EXAMPLES/ }
		!inside { next }
		/^ *\$ / { sub(/^ *\$ /, ""); print; going = 1; next }
		going && /^ *> / { sub(/^ *> /, ""); print; next }
		{ going = 0 }'
}

# Touches no network and leaves nothing behind: in a directory of its own, under bash -e -o pipefail.
examples() {
	commands "$1" >commands
	[ -s commands ] || fail "$1 has no example to run"
	cp "$BATS_FILE_TMPDIR"/{airplanes.zip,train.mfc,test.mfc,model.mfc} .
	# A sanitizer is too slow to read all of its input in the seconds that an example gives it, so what writes that dies of SIGPIPE.
	local fine=0
	! sanitized || fine=141
	PATH=$ROOT/pipelines:$PATH run timeout 120 bash -o pipefail -c "trap 's=\$?; [ \$s -eq $fine ] || exit \$s' ERR; . ./commands" </dev/null
	[ "$status" -eq 0 ] || fail "status $status: $output
$(cat -n commands)"
}

@test "mfc-load(1) is correct" { lint mfc-load.1; }
@test "mfc-noise(1) is correct" { lint mfc-noise.1; }
@test "mfc-subdivide(1) is correct" { lint mfc-subdivide.1; }
@test "mfc-score(1) is correct" { lint mfc-score.1; }
@test "mfc-metric(1) is correct" { lint mfc-metric.1; }
@test "mfc-save(1) is correct" { lint mfc-save.1; }
@test "mfc-view(1) is correct" { lint mfc-view.1; }
@test "mfc-stream(5) is correct" { lint mfc-stream.5; }
@test "mfc-model(5) is correct" { lint mfc-model.5; }
@test "mfc(7) is correct" { lint mfc.7; }
@test "mfc-experiments(7) is correct" { lint mfc-experiments.7; }

@test "the examples of mfc-load(1) run" { examples mfc-load.1; }
@test "the examples of mfc-noise(1) run" { examples mfc-noise.1; }
@test "the examples of mfc-subdivide(1) run" { examples mfc-subdivide.1; }
@test "the examples of mfc-score(1) run" { examples mfc-score.1; }
@test "the examples of mfc-metric(1) run" { examples mfc-metric.1; }
@test "the examples of mfc-save(1) run" { examples mfc-save.1; }
@test "the examples of mfc-view(1) run" { examples mfc-view.1; }
@test "the examples of mfc(7) run" { examples mfc.7; }
@test "the examples of mfc-experiments(7) run" { examples mfc-experiments.7; }

# A word such as An or Li behind .%T or .%A is a macro to groff, and takes with it all that follows.
@test "groff renders every page to its end" {
	command -v groff >groff || skip "no groff"
	local page
	for page in "$ROOT"/man/*.[1-8]; do
		groff -mdoc -Tutf8 -P-c -ww "$page" >rendered 2>complaints
		run grep -v "can't break line" complaints
		assert_output ''
		run awk 'NF { last = $0 } END { print last }' rendered
		assert_output --regexp '^mfc .* 20[0-9][0-9] +mfc$'
	done
}

@test "no page is left out here" {
	local page
	for page in "$ROOT"/man/*.[1-8]; do
		page=${page##*/}
		grep -q "{ lint $page; }" "$BATS_TEST_FILENAME" || fail "$page is not looked at"
		[[ $page == *.5 ]] || grep -q "{ examples $page; }" "$BATS_TEST_FILENAME" || fail "the examples of $page are not run"
	done
}

@test "every page has the sections that readers look for" {
	local page section
	for page in "$ROOT"/man/*.1; do
		for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx ".Sh $section" "$page" || fail "${page##*/}: no $section"
		done
	done
}

@test "every page that SEE ALSO names is there" {
	local page name section
	for page in "$ROOT"/man/*.[1-8]; do
		while read -r name section; do
			[ -e "$ROOT/man/$name.$section" ] || fail "${page##*/}: $name($section) does not exist"
		done < <(sed -n 's/^\.Xr \(mfc[a-z-]*\) \([1-8]\).*/\1 \2/p' "$page")
	done
}
